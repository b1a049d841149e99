"""Visual Studio Code: F5 runs the local stack under the debugger."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.environment import without_ours

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".vscode"


def load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@pytest.fixture
def launch() -> dict[str, Any]:
    """The only configuration that F5 runs."""
    (configuration,) = load("launch.json")["configurations"]
    return dict(configuration)


def test_f5_starts_the_stack(launch: dict[str, Any]) -> None:
    """F5's command gives a token; the test runs it without the debugger, for one call, at a free port."""
    command = [sys.executable, "-m", launch["module"], *launch["args"], "--once", "--port", "0"]
    environment = without_ours(os.environ)
    folder = launch["cwd"].replace("${workspaceFolder}", str(ROOT))
    ended = subprocess.run(  # noqa: S603  # our own command
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "HTTP 200" in ended.stdout


def test_f5_makes_the_environment_that_it_uses(launch: dict[str, Any]) -> None:
    """A user needs no setup: a task has nox install the requirements before the stack starts."""
    tasks = {task["label"]: task for task in load("tasks.json")["tasks"]}
    task = tasks[launch["preLaunchTask"]]
    assert [task["command"], *task["args"]] == ["python", "-m", "nox", "-s", "start", "--", "--help"]
    assert tasks[task["dependsOn"]]["args"][-1] == "nox"
    assert launch["python"] == "${workspaceFolder}/.nox/start/bin/python"
    assert launch["windows"]["python"] == "${workspaceFolder}/.nox/start/Scripts/python.exe"


def test_tests_run_in_the_environment_of_nox() -> None:
    """The editor finds pytest and its imports in the environment of the session ``test``."""
    assert load("settings.json")["python.defaultInterpreterPath"] == "${workspaceFolder}/.nox/test/bin/python"


def test_what_f5_needs_is_recommended(launch: dict[str, Any]) -> None:
    """Visual Studio Code offers the extensions that F5 needs; all its files are plain JSON."""
    wanted = load("extensions.json")["recommendations"]
    assert {"ms-python.python", f"ms-python.{launch['type']}"} <= set(wanted)
    assert all(load(file.name) for file in FOLDER.iterdir())
