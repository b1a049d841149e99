"""The real protobuf messages between Functions host and worker, from the worker library's wheel."""

import importlib
import importlib.metadata
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

_DISTRIBUTION = "azure-functions-runtime-v1"
_FILE = "tests/protos/FunctionRpc_pb2.py"
_PACKAGE = "_azure_functions_protos"


def load() -> Any:
    """Return all messages in one namespace, as the worker library requires.

    The wheel has them as `tests.protos`. Our own `tests` has that name, and its `__init__` needs grpc, so this
    function loads the folder under another package name.
    """
    if _PACKAGE not in sys.modules:
        package = ModuleType(_PACKAGE)
        package.__path__ = [str(_folder())]
        sys.modules[_PACKAGE] = package
    modules = [
        importlib.import_module(f"{_PACKAGE}.{name}") for name in ("shared.NullableTypes_pb2", "FunctionRpc_pb2")
    ]
    names = {name: value for module in modules for name, value in vars(module).items() if not name.startswith("_")}
    return SimpleNamespace(**names)


def _folder() -> Path:
    for file in importlib.metadata.files(_DISTRIBUTION) or ():
        if file.as_posix() == _FILE:
            return Path(str(file.locate())).parent
    raise RuntimeError(f"{_DISTRIBUTION} {importlib.metadata.version(_DISTRIBUTION)} does not contain {_FILE}")
