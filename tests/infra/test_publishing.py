"""azure.yaml, and the hook that gives the app's package its function key."""

import re

import yaml

from tests.infra.template import INFRA, resource, tree

PROJECT = yaml.safe_load((INFRA.parent / "azure.yaml").read_text(encoding="utf-8"))


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
        names = set(re.findall(re.escape(sign) + r"\{?(AZURE_\w+)", text))
        assert names == {"AZURE_RESOURCE_GROUP", "AZURE_FUNCTION_APP_NAME", "AZURE_SUBSCRIPTION_ID"}
        assert names - outputs == {"AZURE_SUBSCRIPTION_ID"}  # azd's own


def test_both_scripts_do_the_same() -> None:
    """The same two calls, for the same function and key; none prints a value."""
    for script in ("app-key.sh", "app-key.ps1"):
        text = (INFRA / script).read_text(encoding="utf-8")
        assert text.count("az functionapp function keys") == 2
        assert "contains(keys(@), 'unity-app')" in text
        assert "--key-name unity-app --output none" in text
        assert "GetArrToken" in text
        assert "--key-value" not in text


def test_the_powershell_script_decides_as_the_other() -> None:
    """It goes on once az has answered, and leaves a key that exists; where there is PowerShell, it is run as well."""
    text = (INFRA / "app-key.ps1").read_text(encoding="utf-8")
    subscription = "$function += '--subscription', $env:AZURE_SUBSCRIPTION_ID }"
    assert f"if ($env:AZURE_SUBSCRIPTION_ID) {{ {subscription}" in text
    assert "if ($LASTEXITCODE -eq 0) { break }" in text
    assert (
        "if ($keyExists -eq 'true') {\n    'The function key unity-app exists; it stays as it is.'\n    exit 0\n"
        in text
    )
    assert "if ($LASTEXITCODE) { exit $LASTEXITCODE }\n'The function key unity-app has been made.'" in text
