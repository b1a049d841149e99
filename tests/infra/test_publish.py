"""infra/publish.sh: it tells a failed deployment from a failed status check of Core Tools."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.deployments import INFRA

FUNC = """#!/bin/sh
echo "$@" > "$CALLS"
echo "$SAYS"
exit "$STATUS"
"""
UNHEALTHY = "Deployment was successful but the app appears to be unhealthy, please check the app logs."
pytestmark = pytest.mark.skipif(sys.platform == "win32" or not shutil.which("sh"), reason="no sh")


@pytest.mark.parametrize(
    ("says", "func_ends", "status"),
    [
        ("The deployment was successful!", 0, 0),
        (UNHEALTHY, 1, 0),
        ("The deployment failed, Please check the printed logs.", 1, 1),
        ("Unable to connect to Azure.", 3, 3),
    ],
)
def test_only_a_failed_deployment_fails(tmp_path: Path, says: str, func_ends: int, status: int) -> None:
    """A release goes on if only func's status check failed; func's whole output is shown."""
    func = tmp_path / "func"
    func.write_text(FUNC, encoding="utf-8")
    func.chmod(0o755)
    own = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "SAYS": says, "STATUS": str(func_ends)}
    own |= {"CALLS": str(tmp_path / "calls"), "TMPDIR": str(tmp_path)}
    ended = subprocess.run(["sh", INFRA / "publish.sh", "app"], env=own, capture_output=True, text=True, check=False)  # noqa: S603, S607  # our own command
    assert (ended.returncode, ended.stderr) == (status, "")
    assert says in ended.stdout
    assert ("The code is deployed" in ended.stdout) == (says == UNHEALTHY)
    assert (tmp_path / "calls").read_text() == "azure functionapp publish app --python --build remote\n"
    assert {path.name for path in tmp_path.iterdir()} == {"func", "calls"}
