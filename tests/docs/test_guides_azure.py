"""docs/deployment.md and docs/operations.md against infra/: a name that the templates do not have fails here."""

import re
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, blocks, fences, names, prose, read, rows
from tests.infra.deployments import BICEP, DEPLOYMENTS, HEADSET_ID, INFRA, NEEDED, SUBSCRIPTION, bicep

DEPLOYMENT, OPERATIONS = read("docs/deployment.md"), read("docs/operations.md")
BOTH = f"{DEPLOYMENT}\n{OPERATIONS}"
COMMANDS = blocks(BOTH, "bash", "powershell")
MAIN = read("infra/main.bicep")
DEFAULT = DEPLOYMENTS["default"]
BY_HAND = {"d39065c4-c120-43c9-ab0a-63eed9795f0a"}  # keyless: on an account that the templates don't know
NO_PARAMETERS = {"minValidity", "requestId", "remoteBuild", "appRoleAssignmentRequired"}
GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def test_resources() -> None:
    """A reader finds each resource in Azure under its name in the table."""
    named = [name for row in rows(DEPLOYMENT, "## Names") for cell in row[1:] for name in names(cell) if "<" in name]
    assert len(named) == 9
    made = {one["name"] for one in DEFAULT.resources}
    token = DEFAULT.one("Storage/storageAccounts")["name"].removeprefix("st")
    assert {name.replace("<name>", "arr-token").replace("<token>", token) for name in named} <= made


def test_roles() -> None:
    """A reader finds each role that the templates assign in the table; all others are assigned by hand."""
    assignments = DEPLOYMENTS["closed-network"].of_type("Authorization/roleAssignments")
    assigned = {one["properties"]["roleDefinitionId"].rpartition("/")[2] for one in assignments}
    table = rows(DEPLOYMENT, "## Before the first deployment")
    assert {guid for row in table for guid in re.findall(GUID, row[1])} == assigned
    other = set(re.findall(rf"\(`({GUID})`\)|--role ({GUID})", BOTH))
    assert {guid for pair in other for guid in pair if guid} == assigned | BY_HAND


def test_parameters() -> None:
    """A reader can set each parameter that the guides name."""
    spans = {name for name in names(prose(BOTH)) if re.fullmatch(r"[a-z]+([A-Z]+[a-z]*)+", name)}
    spans |= set(re.findall(r"`?param (\w+) =", BOTH))
    assert len(spans) > 10
    assert {name for name in spans - NO_PARAMETERS if f"param {name} " not in MAIN} == set()


@pytest.mark.parametrize("limit", re.findall(r"`([a-z]+[A-Z]\w+)`,? (\d+)\b", BOTH), ids=lambda limit: limit[0])
def test_defaults(limit: tuple[str, str]) -> None:
    """A reader gets the default that the guide states."""
    name, value = limit
    assert f"param {name} int = {value}\n" in MAIN


def test_alerts() -> None:
    """A reader finds each deployed alert in the table of alerts."""
    rules = [
        one["name"]
        for kind in ("scheduledQueryRules", "metricAlerts", "activityLogAlerts")
        for one in DEFAULT.of_type(f"Insights/{kind}")
    ]
    made = {name.removesuffix("-arr-token") for name in rules} | {"secret-near-expiry"}
    assert {names(row[0])[0] for row in rows(OPERATIONS, "## Alerts")} == made
    assert DEFAULT.one("EventGrid/systemTopics/eventSubscriptions", "/secret-near-expiry")


def test_queries() -> None:
    """A reader finds each saved query in the table, and each query that the text names is saved."""
    saved = {one["name"].rpartition("/")[2] for one in DEFAULT.of_type("OperationalInsights/workspaces/savedSearches")}
    assert {names(row[0])[0] for row in rows(OPERATIONS, "| query |")} == saved
    named = {
        name
        for name in names(prose(OPERATIONS))
        if re.fullmatch(r"(?:answers|failed|skipped|request|requests|tokens)-[a-z-]+", name)
    }
    assert named <= saved | {name.removeprefix("arr-") for name in named if name.startswith("arr-")}


def test_the_environment_of_azd() -> None:
    """A reader sets every variable that the parameter file needs, and none that nothing reads."""
    reads = dict(re.findall(r"readEnvironmentVariable\('(\w+)'(, )?", read("infra/main.bicepparam")))
    hook = set(re.findall(r"\$\{?(AZURE_\w+)", read("infra/app-key.sh")))
    named = set(re.findall(r"azd env set (\w+)", COMMANDS))
    needed = {name for name, default in reads.items() if not default} | {"SIGN_IN_CLIENT_ID", "SIGN_IN_APP_CLIENT_ID"}
    assert needed <= named <= {*reads, *hook, "AZURE_LOCATION"}  # the last is azd's own
    assert {name for name in reads if f"`{name}`" not in DEPLOYMENT and name not in named} == set()


@pytest.mark.skipif(BICEP is None, reason="no bicep on PATH")
def test_the_guides_parameter_file_deploys(tmp_path: Path) -> None:
    """The filled-in file deploys the same as azd's file by default, with the key setter that it names."""
    (body,) = (body for language, body in fences(DEPLOYMENT) if language == "bicep")
    values = {"account-id": NEEDED["ARR_ACCOUNT_ID"], "SIGN_IN_CLIENT_ID": "11111111-1111-4111-8111-111111111111"}
    values |= {
        "SIGN_IN_APP_CLIENT_ID": HEADSET_ID,
        "region": "westeurope",
        "operators@example.com": NEEDED["ALERT_EMAIL"],
    }
    for placeholder, value in (values | {"your-object-id": HEADSET_ID}).items():
        body = body.replace(f"<{placeholder}>", value)
    for template in INFRA.rglob("*"):
        if template.suffix in {".bicep", ".kql"}:
            copy = tmp_path / template.relative_to(INFRA)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(template.read_bytes())
    (tmp_path / "arr-prod.bicepparam").write_text(body, encoding="utf-8")
    where = (
        "--subscription-id",
        SUBSCRIPTION.rpartition("/")[2],
        "--resource-group",
        "rg-arr-token",
        "--location",
        "westeurope",
    )
    made = bicep("snapshot", tmp_path / "arr-prod.bicepparam", *where)
    assert (made.returncode, made.stderr) == (0, "")
    assert '"ArrUser"' in (tmp_path / "arr-prod.snapshot.json").read_text(encoding="utf-8")


def test_the_vaults_audit_log() -> None:
    """The events that the guide queries are sent to the workspace."""
    assert "`union isfuzzy=true AzureDiagnostics, AZKVAuditLogs | where OperationName == 'SecretGet'`" in OPERATIONS
    assert DEFAULT.one("Insights/diagnosticSettings")["properties"]["logs"] == [
        {"categoryGroup": "audit", "enabled": True}
    ]


def test_resource_providers() -> None:
    """A reader with a new subscription registers every resource provider that the templates use."""
    made = [*DEFAULT.resources, *DEPLOYMENTS["closed-network"].resources]
    needed = {one["type"].partition("/")[0] for one in made} - {"Microsoft.Authorization"}  # always there
    named = set(re.findall(r"az provider register --namespace ([\w.]+) --wait", COMMANDS))
    for_event_grid, for_the_network = {"Microsoft.AlertsManagement"}, {"Microsoft.App", "Microsoft.Network"}
    assert named == needed | for_event_grid | for_the_network


def test_the_function_key_and_the_app_role() -> None:
    """Documents, scripts and apps use the same names for the function key and the role."""
    assert set(re.findall(r"--key-name (\S+)", COMMANDS)) == {"unity-app"}
    for script in ("infra/app-key.sh", "infra/app-key.ps1"):
        assert "--key-name unity-app" in read(script)
    assert set(re.findall(r"--function-name (\w+)", COMMANDS)) == {"GetArrToken"}
    assert DEFAULT.app_settings()["ARR_REQUIRED_ROLE"] == "ArrUser"
    assert '"value": "ArrUser"' in read("infra/entra.py")


def test_the_release_workflow() -> None:
    """A reader sets exactly those variables in GitHub that the workflow reads."""
    workflow = read(".github/workflows/release.yml")
    section = DEPLOYMENT[DEPLOYMENT.index("## The release workflow") : DEPLOYMENT.index("## Moving to keyless")]
    named = set(re.findall(r"\b(AZURE_\w+|SIGN_IN)\b", section))
    assert named == set(re.findall(r"vars\.(\w+)", workflow))
    assert "environment: production" in workflow
    assert section.count(":environment:production") == 2  # both forms of the subject


def test_every_file_exists() -> None:
    """A reader finds each file that the guides name."""
    paths = set(re.findall(r"(?:infra|\.github|docs)/[\w./-]*\w", BOTH))
    assert {"infra/main.bicep", "infra/app-key.sh", "infra/probe.sh", "infra/entra.py"} <= paths
    assert {path for path in paths if not (ROOT / path).exists()} == set()
