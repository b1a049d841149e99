"""The published files, for each tool that reads .funcignore."""

from pathlib import Path

import pytest

from tests.packing.publish import READERS, Reader, files

ROOT = Path(__file__).parents[2]
STRAY = [
    ".azure/production/.env",
    ".env",
    ".funcignore",
    ".github/workflows/ci.yml",
    ".nox/test/lib/python3.13/site-packages/requests/__init__.py",
    ".venv/bin/python",
    ".vscode/launch.json",
    "GetArrToken/.env",
    "GetArrToken/__pycache__/__init__.cpython-313.pyc",
    "GetArrToken/arr.key",
    "GetArrToken/sub/code.py",
    "GetArrToken2/__init__.py",
    "__azurite_db_blob__.json",
    "__pycache__/noxfile.cpython-313.pyc",
    "account.pem",
    "arr.key",
    "azure.yaml",
    "bench/soak/plan.py",
    "build/lib/shared/settings.py",
    "clients/unity/package.json",
    "core.1234",
    "docs/operations.md",
    "env/bin/python",
    "getarrtoken.zip",
    "htmlcov/index.html",
    "id_rsa",
    "infra/main.bicep",
    "local.settings.json",
    "local.settings.json.example",
    "local/cli.py",
    "mutants/shared/settings.py",
    "node_modules/func/index.js",
    "noxfile.py",
    "pyproject.toml",
    "requirements-dev.txt",
    "requirements.in",
    "secrets.txt",
    "shared/.env",
    "shared/__pycache__/settings.cpython-313.pyc",
    "shared/arr.key",
    "shared/notes.txt",
    "shared_old/settings.py",
    "src/shared/settings.py",
    "tests/unit/test_settings.py",
    "token.jwt",
    "venv/bin/python",
    "venv313/bin/python",
]
#: Core Tools publishes these, because it reads a pattern as a prefix; no form of the file excludes them.
KNOWN_GAP = ["host.json~", "requirements.txt.bak", "shared/settings.py~", "shared/.settings.py.swp"]


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> Reader:
    return READERS[request.param](ROOT / ".funcignore")


def test_a_publish_carries_the_function_and_nothing_else(reader: Reader) -> None:
    """From this working folder, only host.json, requirements.txt, the function and shared/ are published."""
    code = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("shared/**/*.py")}
    app = {"host.json", "requirements.txt", "GetArrToken/__init__.py", "GetArrToken/function.json"}
    assert reader(path for path in files(ROOT) if not path.startswith(".python_packages/")) == app | code


def test_nothing_stray_is_published(reader: Reader) -> None:
    """Keys, settings, caches, environments and packages are not published, whatever their names are."""
    assert reader(STRAY) == set()


def test_what_core_tools_lets_through_azd_does_not() -> None:
    """azd leaves out an editor's copy of a published file, which Core Tools matches by its prefix."""
    assert READERS["gitignore"](ROOT / ".funcignore")(KNOWN_GAP) == set()
    assert READERS["Core Tools"](ROOT / ".funcignore")(KNOWN_GAP) == set(KNOWN_GAP)


def test_packages_that_were_built_here_are_published(reader: Reader) -> None:
    """A user with another Python can install the packages beside the code and publish without a remote build."""
    package = ".python_packages/lib/site-packages/requests/__init__.py"
    assert reader([package]) == {package}
