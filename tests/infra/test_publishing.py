"""azure.yaml, and the hook that gives the app's package its function key."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.infra.template import INFRA, resource, tree

PROJECT = yaml.safe_load((INFRA.parent / "azure.yaml").read_text(encoding="utf-8"))
#: Stands for the Azure CLI: it writes down how it is called, and says whether the key exists.
AZ = '#!/bin/sh\necho "$@" >> "$CALLS"\ncase "$*" in *" list "*) [ "$EXISTS" != fail ] && echo "$EXISTS" ;; esac\n'


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


@pytest.mark.skipif(sys.platform == "win32", reason="sh")
@pytest.mark.parametrize(("exists", "status", "made"), [("true", 0, False), ("false", 0, True), ("fail", 1, False)])
def test_a_key_is_made_only_where_there_is_none(tmp_path: Path, exists: str, status: int, made: bool) -> None:
    """A key that apps carry is never replaced, and a failed look is no reason to make one."""
    az = tmp_path / "az"
    az.write_text(AZ, encoding="utf-8")
    az.chmod(0o755)
    calls = tmp_path / "calls"
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "CALLS": str(calls), "EXISTS": exists}
    names = {"AZURE_RESOURCE_GROUP": "rg", "AZURE_FUNCTION_APP_NAME": "app"}
    script = ["sh", str(INFRA / "app-key.sh")]
    ended = subprocess.run(script, env=environment | names, capture_output=True, check=False)  # noqa: S603
    assert ended.returncode == status
    assert ("keys set" in calls.read_text(encoding="utf-8")) is made
