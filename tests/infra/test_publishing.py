"""azure.yaml, and the hook that gives the app's package its function key."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.infra.template import INFRA, resource, tree

PROJECT = yaml.safe_load((INFRA.parent / "azure.yaml").read_text(encoding="utf-8"))
#: Stands for the Azure CLI and for sleep: writes down how it is called, and says whether the key exists.
AZ = """#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
case "$*" in *" list "*) ;; *) exit 0 ;; esac
if [ "$(grep -c '^az' "$CALLS")" -le "$FAILS" ]; then exit 1; fi
echo "$EXISTS"
"""


def test_azd_publishes_to_the_app_that_is_made() -> None:
    """The service of azure.yaml is the tag on the app; the build runs where the function will."""
    (name, service), *others = PROJECT["services"].items()
    assert not others
    assert resource("app.bicep", "app")["tags"] == {"'azd-service-name'": name}
    assert service == {"project": ".", "host": "function", "language": "py", "remoteBuild": True}


def test_the_hook_runs_on_both_systems() -> None:
    """After publishing: a key can only be made of a function that is there."""
    hook = PROJECT["hooks"]["postdeploy"]
    assert (hook["posix"]["shell"], hook["windows"]["shell"]) == ("sh", "pwsh")
    for system in hook.values():
        assert (INFRA.parent / system["run"]).is_file()


def test_the_hook_finds_its_names() -> None:
    """What it reads from the environment, azd has from the template's outputs."""
    outputs = set(tree("main.bicep")["outputs"])
    for script, sign in (("app-key.sh", "$"), ("app-key.ps1", "$env:")):
        text = (INFRA / script).read_text(encoding="utf-8")
        for name in ("AZURE_RESOURCE_GROUP", "AZURE_FUNCTION_APP_NAME"):
            assert name in outputs
            assert f"{sign}{name}" in text


def test_both_scripts_do_the_same() -> None:
    """The same two calls, for the same function and key; none prints a value."""
    for script in ("app-key.sh", "app-key.ps1"):
        text = (INFRA / script).read_text(encoding="utf-8")
        assert text.count("az functionapp function keys") == 2
        assert "contains(keys(@), 'unity-app')" in text
        assert "--key-name unity-app --output none" in text
        assert "GetArrToken" in text
        assert "--key-value" not in text


def _run_hook(folder: Path, exists: str, fails: int = 0) -> tuple[int, list[str]]:
    """Return the hook's exit status, and what it called."""
    for command in ("az", "sleep"):
        (folder / command).write_text(AZ, encoding="utf-8")
        (folder / command).chmod(0o755)
    calls = folder / "calls"
    environment = {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "CALLS": str(calls),
        "EXISTS": exists,
        "FAILS": str(fails),
        "AZURE_RESOURCE_GROUP": "rg",
        "AZURE_FUNCTION_APP_NAME": "app",
    }
    script = ["/bin/sh", str(INFRA / "app-key.sh")]
    ended = subprocess.run(script, env=environment, capture_output=True, check=False)  # noqa: S603  # our own hook
    return ended.returncode, [" ".join(line.split()[:5]) for line in calls.read_text(encoding="utf-8").splitlines()]


LIST, SET, SLEEP = "az functionapp function keys list", "az functionapp function keys set", "sleep 10"


@pytest.mark.skipif(sys.platform == "win32", reason="sh")
def test_a_key_that_apps_carry_is_never_replaced(tmp_path: Path) -> None:
    """One is made only where there is none."""
    assert _run_hook(tmp_path, "true") == (0, [LIST])
    (tmp_path / "calls").unlink()
    assert _run_hook(tmp_path, "false") == (0, [LIST, SET])


@pytest.mark.skipif(sys.platform == "win32", reason="sh")
def test_the_hook_waits_for_the_host(tmp_path: Path) -> None:
    """A function that has just been published may not be known yet."""
    assert _run_hook(tmp_path, "false", fails=2) == (0, [LIST, SLEEP, LIST, SLEEP, LIST, SET])


@pytest.mark.skipif(sys.platform == "win32", reason="sh")
def test_the_hook_gives_up(tmp_path: Path) -> None:
    """After six looks it fails, and no key is made of what it could not see."""
    status, calls = _run_hook(tmp_path, "false", fails=9)
    assert (status, calls.count(LIST), SET in calls) == (1, 6, False)
