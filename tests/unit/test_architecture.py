"""The layers of shared/, held by walking the syntax trees: a newcomer can rely on the table below."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = sorted(path.stem for path in (ROOT / "shared").glob("*.py") if path.stem != "__init__")
ENTRY = "GetArrToken/__init__"

LAYERS = (  # a module imports only from rows above its own
    ("errors", "clock", "guids", "http_fields", "answers"),
    ("tokens", "settings", "callers", "problems", "cool_down"),
    ("correlation", "exchange"),
    ("parameters", "token_cache", "audit", "connections", "upstream"),
    ("line", "responses"),
    ("identity", "sts", "handler"),
    ("key_vault",),
    ("broker",),
    ("composition",),
)
LIBRARIES = {  # what is not of the standard library, and who alone may import it
    "azure.functions": {"responses", "handler", ENTRY},
    "azure.core": {"identity", "key_vault"},
    "azure.identity": {"identity"},
    "azure.keyvault": {"key_vault"},
    "certifi": {"connections"},
    "requests": {"connections", "line", "upstream", "answers", "sts"},
    "urllib3": {"connections", "line", "upstream", "answers", "sts"},
}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}


def _tree(module: str) -> ast.Module:
    path = ROOT / f"{module}.py" if module == ENTRY else ROOT / "shared" / f"{module}.py"
    return ast.parse(path.read_text(encoding="utf-8"))


def _imported(nodes: Iterator[ast.AST]) -> set[str]:
    """Return what is imported, as dotted names: ``from shared.errors import X`` gives shared.errors.X."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _ours(names: set[str]) -> set[str]:
    return {name.split(".")[1] for name in names if name.startswith("shared.")}


def _at_load(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs when the module is loaded: nothing in functions, and nothing that is for type checkers."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        yield child
        yield from _at_load(child)


def test_every_module_has_one_row() -> None:
    """Each module of shared/ stands in the table once, and the table names no other."""
    assert sorted(module for row in LAYERS for module in row) == SHARED


@pytest.mark.parametrize("module", SHARED)
def test_layers(module: str) -> None:
    """A module can be read with the rows above it and nothing else."""
    above: set[str] = set()
    for row in LAYERS:
        if module in row:
            break
        above |= set(row)
    assert _ours(_imported(ast.walk(_tree(module)))) <= above


def test_the_entry_knows_only_the_composition() -> None:
    """The function's own file builds the handler and does nothing else."""
    assert _ours(_imported(ast.walk(_tree(ENTRY)))) == {"composition"}


@pytest.mark.parametrize("module", [*SHARED, ENTRY])
def test_libraries(module: str) -> None:
    """Each library is met in as few modules as the table says, so that replacing one is a change in one place."""
    for name in _imported(ast.walk(_tree(module))):
        if name.split(".")[0] in {*sys.stdlib_module_names, "shared"}:
            continue
        (allowed,) = (modules for library, modules in LIBRARIES.items() if f"{name}.".startswith(f"{library}."))
        assert module in allowed, name


@pytest.mark.parametrize("module", [*SHARED, ENTRY])
def test_imports_are_absolute_and_plain(module: str) -> None:
    """No import is relative (the worker would load a second copy of the module), or hidden in a call or a star."""
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            assert node.names[0].name != "*"
            assert node.module != "shared", "from shared.x import y, so that x is seen"
        assert not (isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in {"__import__", "importlib"})


@pytest.mark.parametrize("module", sorted({*SHARED, ENTRY} - {"composition"}))
def test_the_environment_is_read_in_one_place(module: str) -> None:
    """Only the composition reads environment variables: whoever looks for settings finds them all there."""
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            assert node.attr not in ENVIRONMENT
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            assert not ENVIRONMENT & {alias.name for alias in node.names}


def test_loading_meets_no_sdk() -> None:
    """What the function's loading imports leads to no slow library, and to the broker only within a function."""
    seen: set[str] = set()
    todo = {"composition"}
    while todo:
        module = todo.pop()
        seen.add(module)
        names = _imported(_at_load(_tree(module)))
        assert {name for name in names if name.startswith(("requests", "urllib3", "azure"))} <= {"azure.functions"}
        todo |= _ours(names) - seen
    assert "broker" not in seen
    assert "broker" in _ours(_imported(ast.walk(_tree("composition"))))
    assert "handler" in seen
