"""The function app as Azure runs it: the published files, and the packages that the remote build installs."""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.packing.publish import core_tools, files

ROOT = Path(__file__).parents[2]
HOST = Path(__file__).with_name("host.py")
WORKER_DISTRIBUTIONS = ("azure-functions-runtime-v1", "protobuf")
type Call = Callable[[Mapping[str, str]], Any]


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the app, and install its requirements by their hashes into it; from pip's cache, or else from PyPI."""
    app = tmp_path_factory.mktemp("app")
    for path in core_tools(ROOT / ".funcignore")(files(ROOT)):
        (app / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, app / path)
    packages = app / ".python_packages" / "lib" / "site-packages"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"]
    requirements: list[str | Path] = ["--require-hashes", "--target", packages, "-r", app / "requirements.txt"]
    subprocess.run([*pip, *requirements], check=True)  # noqa: S603  # our own command
    return app


@pytest.fixture(scope="session")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the worker library out of this environment, without azure-functions: the app has its own."""
    worker = tmp_path_factory.mktemp("worker")
    for distribution in WORKER_DISTRIBUTIONS:
        for file in importlib.metadata.files(distribution) or ():
            if ".." not in file.parts and file.suffix != ".pyc":
                (worker / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(Path(str(file.locate())), worker / file)
    shutil.copytree(ROOT / "local", worker / "local", ignore=shutil.ignore_patterns("__pycache__"))
    return worker


@pytest.fixture
def call(app: Path, worker: Path) -> Call:
    """Call the app with these settings, in a process and an environment of its own."""
    needed = {name: value for name, value in os.environ.items() if name.upper() in {"PATH", "SYSTEMROOT", "TEMP"}}

    def start(settings: Mapping[str, str]) -> Any:
        command: list[str | Path] = [sys.executable, "-I", "-S", HOST, app, worker]
        ended = subprocess.run(  # noqa: S603  # our own command
            command, env=needed | dict(settings), capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    return start
