"""infra/app-key.sh and infra/app-key.ps1: they make a function key for the app's package."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.deployments import INFRA

#: Simulates the Azure CLI and sleep: records its calls, and tells whether the key exists.
AZ = """#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
case "$*" in *" list "*) ;; *) exit "$SET_FAILS" ;; esac
if [ "$(grep -c '^az' "$CALLS")" -le "$FAILS" ]; then exit 1; fi
echo "$EXISTS"
"""
PWSH = shutil.which("pwsh")
#: A PowerShell function takes precedence over a command of the same name.
NO_PAUSE = 'function Start-Sleep { Add-Content $env:CALLS "sleep $($args[-1])" }'
SCRIPTS = {
    "sh": ["/bin/sh", str(INFRA / "app-key.sh")],
    "pwsh": [PWSH or "", "-NoProfile", "-Command", f"{NO_PAUSE}; & '{INFRA / 'app-key.ps1'}'; exit $LASTEXITCODE"],
}
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="the Azure CLI's simulated service is a shell script"),
    pytest.mark.parametrize(
        "shell", ["sh", pytest.param("pwsh", marks=pytest.mark.skipif(PWSH is None, reason="no PowerShell"))]
    ),
]
FUNCTION = "--resource-group rg --name app --function-name GetArrToken"
LOOK, SLEEP = "--query contains(keys(@), 'unity-app') --output tsv", "sleep 10"
LIST = f"az functionapp function keys list {FUNCTION} {LOOK}"
SET = f"az functionapp function keys set {FUNCTION} --key-name unity-app --output none"


def _run(shell: str, folder: Path, **environment: str) -> tuple[int, str, list[str]]:
    """Return the script's exit status, its output on both streams, and its calls."""
    for command in ("az", "sleep"):
        (folder / command).write_text(AZ, encoding="utf-8")
        (folder / command).chmod(0o755)
    calls = folder / "calls"
    calls.unlink(missing_ok=True)
    own = {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "CALLS": str(calls),
        "EXISTS": "false",
        "FAILS": "0",
        "SET_FAILS": "0",
        "AZURE_RESOURCE_GROUP": "rg",
        "AZURE_FUNCTION_APP_NAME": "app",
    }
    ended = subprocess.run(  # noqa: S603  # our own script
        SCRIPTS[shell], env=own | environment, capture_output=True, text=True, check=False
    )
    return ended.returncode, (ended.stdout + ended.stderr).strip(), calls.read_text(encoding="utf-8").splitlines()


def test_a_key_is_made_where_there_is_none(tmp_path: Path, shell: str) -> None:
    """After the first publish, the app has a key for the one function; its value is not printed."""
    assert _run(shell, tmp_path) == (0, "The function key unity-app has been made.", [LIST, SET])


def test_a_key_that_apps_carry_is_never_replaced(tmp_path: Path, shell: str) -> None:
    """Apps in use keep working after the next publish."""
    said = "The function key unity-app exists; it stays as it is."
    assert _run(shell, tmp_path, EXISTS="true") == (0, said, [LIST])


def test_the_key_is_looked_for_in_azds_subscription(tmp_path: Path, shell: str) -> None:
    """The key is made in azd's subscription, even if az is set to another one."""
    _, _, calls = _run(shell, tmp_path, AZURE_SUBSCRIPTION_ID="sub")
    named = f"{FUNCTION} --subscription sub"
    assert calls == [LIST.replace(FUNCTION, named), SET.replace(FUNCTION, named)]


def test_the_hook_waits_for_the_host(tmp_path: Path, shell: str) -> None:
    """A function that the host does not list yet gets its key a little later."""
    status, _, calls = _run(shell, tmp_path, FAILS="2")
    assert (status, calls) == (0, [LIST, SLEEP, LIST, SLEEP, LIST, SET])


def test_the_hook_fails_without_the_function(tmp_path: Path, shell: str) -> None:
    """After six tries the hook fails with an explanation, and makes no key."""
    status, said, calls = _run(shell, tmp_path, FAILS="9")
    assert (status, calls) == (1, [*[LIST, SLEEP] * 5, LIST])
    assert said == "The host does not know the function GetArrToken: the deployment failed, or the host does not start."


def test_a_refused_key_is_reported(tmp_path: Path, shell: str) -> None:
    """If Azure refuses the key, the hook fails and does not report success."""
    status, said, _ = _run(shell, tmp_path, SET_FAILS="3")
    assert (status, said) == (3, "")
