"""The maps of docs/architecture.md: modules and folders."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.docs.markdown import ROOT, blocks, names, read, rows

ARCHITECTURE = read("docs/architecture.md")
MODULES = [name for row in rows(ARCHITECTURE, "## The modules of shared/") for name in names(row[0])]
REACHES_FURTHER = {("composition", "broker")}  # from within a function: the SDKs are slow to load


def _imported(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(read(f"shared/{module}.py"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("shared."):
            yield node.module.removeprefix("shared.")


def test_every_module_is_on_the_map() -> None:
    """Each module of shared/ has its one job in the table, and the table names no other."""
    assert sorted(MODULES) == sorted(path.stem for path in (ROOT / "shared").glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("module", MODULES)
def test_the_map_can_be_read_downwards(module: str) -> None:
    """Who reads the table from its top meets no module before those that it imports."""
    known = set(MODULES[: MODULES.index(module)])
    assert {one for one in _imported(module) if (module, one) not in REACHES_FURTHER} <= known


def test_every_folder_of_the_map_exists() -> None:
    """The map at the top names folders that there are, and tests/ with all of its own."""
    tree = blocks(ARCHITECTURE, "")
    folders = re.findall(r"(?m)^([\w/]+)/ ", tree)
    assert len(folders) > 5
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []
    below = tree[tree.index("tests/") : tree.index("\nbench/")]
    told = set(re.findall(r"(\w+)/", below)) - {"tests", "shared"}
    assert told == {path.parent.name for path in (ROOT / "tests").glob("*/*.py")}
