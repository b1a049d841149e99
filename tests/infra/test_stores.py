"""What keeps something: the vault, the storage account, the log."""

import pytest

from tests.infra.deployments import DEPLOYMENTS

VAULT = DEPLOYMENTS["default"].one("KeyVault/vaults")
WORKSPACE = "Microsoft.OperationalInsights/workspaces/log-arr-token"


def test_roles_decide_who_reads_keys() -> None:
    """Access policies, which an owner can give themselves unseen, do not count."""
    assert VAULT["properties"]["enableRbacAuthorization"] is True
    assert "accessPolicies" not in VAULT["properties"]


def test_a_deleted_key_can_be_recovered() -> None:
    """For 90 days, and nobody can purge it before."""
    protection = {"enableSoftDelete": True, "enablePurgeProtection": True, "softDeleteRetentionInDays": 90}
    assert VAULT["properties"].items() >= protection.items()


@pytest.mark.parametrize(("name", "access"), [("default", "enabled"), ("closed-network", "disabled")])
def test_a_closed_vault_stays_closed(name: str, access: str) -> None:
    """Each deployment says whether the internet reaches the vault."""
    assert DEPLOYMENTS[name].one("KeyVault/vaults")["properties"]["publicNetworkAccess"] == access


def test_who_reads_a_key_is_in_the_log() -> None:
    """Every use of a secret is, beside the function's own lines, from the first deployment on."""
    audit = DEPLOYMENTS["default"].one("Insights/diagnosticSettings")
    assert audit["id"].startswith(f"Microsoft.KeyVault/vaults/{VAULT['name']}/")
    assert audit["properties"] == {
        "workspaceId": WORKSPACE,
        "logs": [{"categoryGroup": "audit", "enabled": True}],
    }


def test_operators_hear_of_a_key_that_nears_its_end() -> None:
    """Key Vault's own events become an alert; that destination takes CloudEvents only."""
    deployment = DEPLOYMENTS["default"]
    topic = deployment.one("EventGrid/systemTopics")["properties"]
    assert topic == {"source": VAULT["id"], "topicType": "Microsoft.KeyVault.vaults"}
    properties = deployment.one("EventGrid/systemTopics/eventSubscriptions", "/secret-near-expiry")["properties"]
    assert "Microsoft.KeyVault.SecretNearExpiry" in properties["filter"]["includedEventTypes"]
    assert properties["eventDeliverySchema"] == "CloudEventSchemaV1_0"
    assert properties["destination"]["endpointType"] == "MonitorAlert"
    assert properties["destination"]["properties"]["actionGroups"] == ["Microsoft.Insights/actionGroups/ag-arr-token"]


def test_storage_takes_no_key_and_shows_nothing_to_the_public() -> None:
    """Entra tokens over TLS 1.2 only; the package's container is the one that the app reads."""
    deployment = DEPLOYMENTS["default"]
    properties = deployment.one("Storage/storageAccounts")["properties"]
    assert properties["allowSharedKeyAccess"] is False
    assert properties["allowBlobPublicAccess"] is False
    assert properties["minimumTlsVersion"] == "TLS1_2"
    assert properties["supportsHttpsTrafficOnly"] is True
    container = deployment.one("Storage/storageAccounts/blobServices/containers")["name"].rpartition("/")[2]
    package = deployment.one("Web/sites")["properties"]["functionAppConfig"]["deployment"]["storage"]["value"]
    assert f"'{container}'" in package


@pytest.mark.parametrize(("name", "days"), [("default", 90), ("everything", 365)])
def test_the_log_is_kept_as_long_as_is_asked(name: str, days: int) -> None:
    """Telemetry comes in with an Entra token only; the component writes where alerts and queries look."""
    deployment = DEPLOYMENTS[name]
    workspace, insights = deployment.one("OperationalInsights/workspaces"), deployment.one("Insights/components")
    assert workspace["properties"]["retentionInDays"] == days
    assert workspace["properties"]["features"] == {"disableLocalAuth": True}
    assert insights["properties"]["DisableLocalAuth"] is True
    assert insights["properties"]["WorkspaceResourceId"] == workspace["id"]
