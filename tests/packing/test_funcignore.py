"""What a publish carries, for each way of reading .funcignore."""

from pathlib import Path

import pytest

from tests.packing.publish import READERS, Ignored, kept, published

ROOT = Path(__file__).parents[2]
RULES = (ROOT / ".funcignore").read_text(encoding="utf-8")
APP = {"host.json", "requirements.txt", "GetArrToken/__init__.py", "GetArrToken/function.json"}
LYING_ABOUT = [
    ".azure/production/.env",
    ".env",
    ".github/workflows/ci.yml",
    ".nox/test/lib/python3.13/site-packages/requests/__init__.py",
    ".venv/bin/python",
    ".vscode/launch.json",
    "GetArrToken/__pycache__/__init__.cpython-313.pyc",
    "__azurite_db_blob__.json",
    "__blobstorage__/0e1f",
    "__pycache__/noxfile.cpython-313.pyc",
    "azure.yaml",
    "bench/soak/plan.py",
    "clients/unity/package.json",
    "docs/operations.md",
    "getarrtoken.zip",
    "infra/main.bicep",
    "local.settings.json",
    "local.settings.json.example",
    "local/worker.py",
    "requirements-infra.txt",
    "shared/__pycache__/sts.cpython-313.pyc",
    "tests/unit/test_sts.py",
    "venv/bin/python",
]


@pytest.fixture(params=READERS)
def ignored(request: pytest.FixtureRequest) -> Ignored:
    return READERS[request.param](RULES)


def test_a_publish_carries_the_function_and_nothing_else(ignored: Ignored) -> None:
    """From this very folder, with all that has gathered in it: host.json, requirements.txt, the function, shared/."""
    shared = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("shared/**/*.py")}
    assert set(published(ROOT, ignored)) == APP | shared


def test_what_a_developer_has_lying_about_stays(ignored: Ignored) -> None:
    """Secrets, caches, environments and packages are left behind, also where this folder has none."""
    assert not list(kept(LYING_ABOUT, ignored))
