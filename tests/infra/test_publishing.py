"""azure.yaml, and the hook that makes the function key for the app's package."""

import re

import yaml

from tests.infra.deployments import DEPLOYMENTS, INFRA, ROOT

PROJECT = yaml.safe_load((ROOT / "azure.yaml").read_text(encoding="utf-8"))


def test_azd_publishes_to_the_app_that_is_made() -> None:
    """azd finds the deployed app by its tag, and the remote build runs on it."""
    (name, service), *others = PROJECT["services"].items()
    assert not others
    assert DEPLOYMENTS["default"].one("Web/sites")["tags"] == {"azd-service-name": name}
    assert service == {"project": ".", "host": "function", "language": "py", "remoteBuild": True}


def test_the_hook_runs_on_both_systems() -> None:
    """On Linux, macOS and Windows, the hook runs after publishing, when the function exists."""
    hook = PROJECT["hooks"]["postdeploy"]
    assert (hook["posix"]["shell"], hook["windows"]["shell"]) == ("sh", "pwsh")
    for system in hook.values():
        assert (ROOT / system["run"]).is_file()


def test_the_hook_finds_its_names() -> None:
    """azd sets every variable that the hook reads from the template's outputs."""
    for script, sign in (("app-key.sh", "$"), ("app-key.ps1", "$env:")):
        text = (INFRA / script).read_text(encoding="utf-8")
        names = set(re.findall(re.escape(sign) + r"\{?(AZURE_\w+)", text))
        assert names - DEPLOYMENTS["default"].outputs.keys() == {"AZURE_SUBSCRIPTION_ID"}  # azd's own
