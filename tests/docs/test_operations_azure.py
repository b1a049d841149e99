"""docs/operations.md against infra/: no name is left to guess, and a renamed one fails here."""

import re

import pytest

from tests.docs.markdown import ROOT, blocks, names, prose, read, rows
from tests.infra.deployments import DEPLOYMENTS

OPERATIONS = read("docs/operations.md")
COMMANDS = blocks(OPERATIONS, "bash", "powershell")
MAIN = read("infra/main.bicep")
TEMPLATES = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "infra").glob("*.bicep")))
BY_HAND = {"d39065c4-c120-43c9-ab0a-63eed9795f0a"}  # keyless: on an account that the templates don't know
NO_PARAMETERS = {"minValidity", "requestId", "publicNetworkAccess", "preAuthorizedApplications"} | {
    "appRoleAssignmentRequired",
    "remoteBuild",
}
GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def test_resources() -> None:
    """Each resource is called in Azure as the table of names says."""
    named = [name for row in rows(OPERATIONS, "## Names") for cell in row[1:] for name in names(cell) if "<" in name]
    assert len(named) == 9
    made = {one["name"] for one in DEPLOYMENTS["default"].resources}
    token = DEPLOYMENTS["default"].one("Storage/storageAccounts")["name"].removeprefix("st")
    assert {name.replace("<name>", "arr-token").replace("<token>", token) for name in named} <= made


def test_roles() -> None:
    """The table of roles has each role that the templates assign, and those outside it are assigned by hand."""
    assigned = set(re.findall(rf"var \w+ = '({GUID})'", TEMPLATES))
    told = {guid for row in rows(OPERATIONS, "## Who needs which role") for guid in re.findall(GUID, row[1])}
    assert told == assigned
    other = set(re.findall(rf"\(`({GUID})`\)|--role ({GUID})", OPERATIONS))
    assert {guid for pair in other for guid in pair if guid} == assigned | BY_HAND


def test_parameters() -> None:
    """Each parameter that is named can be given."""
    spans = {name for name in names(prose(OPERATIONS)) if re.fullmatch(r"[a-z]+([A-Z]+[a-z]*)+", name)}
    spans |= set(re.findall(r"`?param (\w+) =", OPERATIONS))
    assert len(spans) > 10
    assert {name for name in spans - NO_PARAMETERS if f"param {name} " not in MAIN} == set()


@pytest.mark.parametrize("limit", re.findall(r"`(\w+)`,? (\d+)\b", OPERATIONS), ids=lambda limit: limit[0])
def test_defaults(limit: tuple[str, str]) -> None:
    """A parameter's number in the text is its default, but where another is recommended."""
    name, value = limit
    recommended = {("alwaysReadyInstances", "1"), ("instanceMemoryMB", "512")}
    assert limit in recommended or f"param {name} int = {value}\n" in MAIN


def test_alerts() -> None:
    """The table of alerts has each alert that there is."""
    made = [*re.findall(r"name: '(alert-[a-z-]+)'", read("infra/alerts.bicep")), "secret-near-expiry"]
    assert [names(row[0])[0] for row in rows(OPERATIONS, "## Alerts")] == made
    assert "name: 'secret-near-expiry'" in TEMPLATES
    assert "'${rule.name}-${name}'" in TEMPLATES


def test_queries() -> None:
    """The table of queries has each saved query, and what a command puts into one is asked for there."""
    files = {path.stem for path in (ROOT / "infra" / "queries").glob("*.kql")}
    assert {names(row[0])[0] for row in rows(OPERATIONS, "| query |")} == files
    assert "category: 'GetArrToken'" in TEMPLATES
    bash = re.findall(r"sed 's\|(<.*?>)\|.*?' (\S+\.kql)", COMMANDS)
    assert bash == [(placeholder, file) for file, placeholder in re.findall(r"Fill (\S+\.kql) '(<.*?>)'", COMMANDS)]
    for placeholder, file in bash:
        assert f"'{placeholder}'" in read(file)
    assert "failure = extract(' kind=" in read("infra/queries/failed-exchanges.kql")


def test_what_the_parameter_file_reads() -> None:
    """Both ways of deployment set every variable that has no default, and none that nobody reads."""
    reads = dict(re.findall(r"readEnvironmentVariable\('(\w+)'(, )?", read("infra/main.bicepparam")))
    hooks = set(re.findall(r"\$\{?(AZURE_\w+)", read("infra/app-key.sh")))
    azd = set(re.findall(r"azd env set (\w+)", COMMANDS))
    shell = set(re.findall(r"(?:export|(?<=\s))(?: )?((?:ARR|ALERT|SIGN|AZURE)_\w+)=[<$o]", blocks(OPERATIONS, "bash")))
    powershell = set(re.findall(r"\$env:(\w+) =", COMMANDS))
    needed = {name for name, default in reads.items() if not default} | {"SIGN_IN_CLIENT_ID", "SIGN_IN_APP_CLIENT_ID"}
    for way in (azd, shell, powershell):
        assert needed <= way
    assert azd - {"AZURE_SUBSCRIPTION_ID", "AZURE_LOCATION"} <= {*reads, *hooks}  # azd's own
    assert powershell <= {*reads, *hooks}
    assert {name for name in reads if f"`{name}`" not in OPERATIONS} == set()


def test_the_vaults_audit_log() -> None:
    """What the guide asks the vault's audit log for is sent to the workspace."""
    assert "`union isfuzzy=true AzureDiagnostics, AZKVAuditLogs | where OperationName == 'SecretGet'`" in OPERATIONS
    (setting,) = re.findall(r"(?s)'Microsoft\.Insights/diagnosticSettings@.*?\n}", read("infra/vault.bicep"))
    assert "scope: vault\n" in setting
    assert "categoryGroup: 'audit', enabled: true" in setting


def test_resource_providers() -> None:
    """A subscription that never held anything is told to register what the templates are made of, in both shells."""
    needed = set(re.findall(r"'(Microsoft\.\w+)/[\w/]+@", TEMPLATES)) - {"Microsoft.Authorization"}  # always there
    alerts_of_event_grid = {"Microsoft.AlertsManagement"}
    for shell in ("bash", "powershell"):
        (loop,) = re.findall(r"(?s)(for(?:each)? .*?) --namespace \$provider", blocks(OPERATIONS, shell))
        assert set(re.findall(r"Microsoft\.\w+", loop)) == needed | alerts_of_event_grid


def test_the_function_key_and_the_app_role() -> None:
    """The key that apps carry and the role that users need are called everywhere as they are made."""
    assert set(re.findall(r"--key-name (\S+)", COMMANDS)) == {"unity-app"}
    for script in ("infra/app-key.sh", "infra/app-key.ps1"):
        assert "--key-name unity-app" in read(script)
        assert "The function key unity-app has been made." in read(script)
    assert set(re.findall(r"--function-name (\w+)", COMMANDS)) == {"GetArrToken"}
    assert (ROOT / "GetArrToken" / "function.json").is_file()
    assert "param arrRequiredRole string = signIn ? 'ArrUser' : ''" in MAIN
    assert COMMANDS.count("ArrUser") == 4


def test_the_release_workflow() -> None:
    """The variables that are to be made in GitHub are those that the workflow reads, in its environment."""
    workflow = read(".github/workflows/release.yml")
    told = set(re.findall(r"(AZURE_\w+)=\$", COMMANDS)) - {"AZURE_RESOURCE_GROUP", "AZURE_FUNCTION_APP_NAME"}
    assert told - {"AZURE_PRINCIPAL_ID"} == set(re.findall(r"vars\.(\w+)", workflow))
    assert "environment: production" in workflow
    assert ":environment:production" in COMMANDS
