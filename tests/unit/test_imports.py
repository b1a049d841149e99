"""shared.imports."""

import gc
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.imports import without_garbage_collection, without_importing


@pytest.fixture(autouse=True)
def _enabled_again() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


def test_no_collection_within() -> None:
    """The import is not interrupted, and what it made is not searched again later."""
    made = []
    with without_garbage_collection():
        assert not gc.isenabled()
        made.append([object()])
    assert gc.isenabled()
    gc.collect()
    assert gc.get_freeze_count()
    assert not any(thing is made[0] for thing in gc.get_objects())


def test_a_failed_import_leaves_collection_enabled() -> None:
    """A missing package does not let the worker's memory grow."""
    with pytest.raises(ImportError), without_garbage_collection():
        raise ImportError
    assert gc.isenabled()


def test_disabled_collection_stays_disabled() -> None:
    """A host that disabled garbage collection gets its process back as it was."""
    gc.disable()
    with without_garbage_collection():
        pass
    assert not gc.isenabled()


@pytest.fixture
def _sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package that is not imported yet, and whose ``sdk.core`` imports ``sdk.auth.certificates``."""
    files = {
        "__init__": "",
        "core": "from sdk.auth import certificates\ndef load():\n    return certificates.LOADED",
        "auth/__init__": "",
        "auth/certificates/__init__": "LOADED = object()",
        "auth/certificates/rsa": "KEY = object()",
    }
    for name, text in files.items():
        file = tmp_path / "sdk" / f"{name}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "sdk"]:
        del sys.modules[name]


@pytest.mark.usefixtures("_sdk")
def test_a_submodule_is_imported_when_it_is_used() -> None:
    """What only imports it costs nothing, and what uses it gets the one that everybody else gets."""
    with without_importing("sdk.auth.certificates"):
        core = importlib.import_module("sdk.core")
    assert "sdk.auth.certificates" not in sys.modules
    assert core.load()
    assert sys.modules["sdk.auth.certificates"].LOADED is core.certificates.LOADED
    assert importlib.import_module("sdk.auth").certificates is sys.modules["sdk.auth.certificates"]


@pytest.mark.usefixtures("_sdk")
@pytest.mark.parametrize(
    ("module", "content"), [("sdk.auth.certificates", "LOADED"), ("sdk.auth.certificates.rsa", "KEY")]
)
def test_a_submodule_that_the_import_itself_uses(module: str, content: str) -> None:
    """An SDK that begins to use it still works."""
    with without_importing("sdk.auth.certificates"):
        used = getattr(importlib.import_module(module), content)
    assert vars(sys.modules[module])[content] is used


@pytest.mark.usefixtures("_sdk")
def test_an_imported_submodule_stays_as_it_is() -> None:
    """Whatever holds it keeps the same one."""
    certificates = importlib.import_module("sdk.auth.certificates")
    with without_importing("sdk.auth.certificates"):
        assert importlib.import_module("sdk.core").certificates is certificates
    assert sys.modules["sdk.auth.certificates"] is certificates


@pytest.mark.usefixtures("_sdk")
@pytest.mark.parametrize("name", ["sdk.auth.missing", "missing.certificates"])
def test_a_submodule_that_is_not_installed(name: str) -> None:
    """An SDK that no longer has it works as before."""
    with without_importing(name), pytest.raises(ModuleNotFoundError):
        importlib.import_module(name)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(name)


@pytest.mark.usefixtures("_sdk")
def test_a_look_at_all_modules_imports_nothing() -> None:
    """Debuggers look at every module. Some code does so without a copy of `sys.modules`, which must not change then."""
    with without_importing("sdk.auth.certificates"):
        core = importlib.import_module("sdk.core")
        for module in sys.modules.values():
            getattr(module, "__file__", None)
    assert "sdk.auth.certificates" not in sys.modules
    assert core.load()


@pytest.mark.usefixtures("_sdk")
def test_a_failed_import_leaves_no_placeholder() -> None:
    """The next exchange imports the SDK again."""
    with pytest.raises(ImportError), without_importing("sdk.auth.certificates"):
        raise ImportError
    assert importlib.import_module("sdk.auth.certificates").LOADED
