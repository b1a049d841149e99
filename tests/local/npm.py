"""Packages from npm, for tests that run JavaScript."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

_NPM: Final = shutil.which("npm")
needs_npm: Final = pytest.mark.skipif(_NPM is None, reason="needs npm")


def run(folder: Path, *arguments: str) -> None:
    """Run npm; a failure shows its output."""
    command = [str(_NPM), *arguments]
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  # our own
    assert process.returncode == 0, process.stdout + process.stderr


def install(source: Path, target: Path) -> Path:
    """Copy a folder with a package-lock.json, and install exactly the locked packages there."""
    shutil.copytree(source, target)
    run(target, "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    return target
