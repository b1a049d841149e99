"""The vault, the storage account and the log."""

import pytest

from tests.infra.deployments import DEPLOYMENTS

VAULT = DEPLOYMENTS["default"].one("KeyVault/vaults")
WORKSPACE = "Microsoft.OperationalInsights/workspaces/log-arr-token"


def test_only_a_role_gives_access_to_keys() -> None:
    """Only a role gives access to keys; access policies, which leave no trace, do not count."""
    assert VAULT["properties"]["enableRbacAuthorization"] is True
    assert "accessPolicies" not in VAULT["properties"]


def test_a_deleted_key_can_be_recovered() -> None:
    """A deleted key can be recovered for 90 days, and nobody can purge it."""
    protection = {"enableSoftDelete": True, "enablePurgeProtection": True, "softDeleteRetentionInDays": 90}
    assert VAULT["properties"].items() >= protection.items()


@pytest.mark.parametrize(("name", "access"), [("default", "enabled"), ("closed-network", "disabled")])
def test_a_closed_vault_stays_closed(name: str, access: str) -> None:
    """The vault is reachable from the internet only if the deployment says so."""
    assert DEPLOYMENTS[name].one("KeyVault/vaults")["properties"]["publicNetworkAccess"] == access


def test_each_use_of_a_key_is_logged() -> None:
    """Each use of a secret is logged in the workspace, from the first deployment on."""
    audit = DEPLOYMENTS["default"].one("Insights/diagnosticSettings")
    assert audit["id"].startswith(f"Microsoft.KeyVault/vaults/{VAULT['name']}/")
    assert audit["properties"] == {
        "workspaceId": WORKSPACE,
        "logs": [{"categoryGroup": "audit", "enabled": True}],
    }


def test_operators_hear_of_a_key_that_nears_its_end() -> None:
    """A key that expires soon raises an alert."""
    deployment = DEPLOYMENTS["default"]
    topic = deployment.one("EventGrid/systemTopics")["properties"]
    assert topic == {"source": VAULT["id"], "topicType": "Microsoft.KeyVault.vaults"}
    properties = deployment.one("EventGrid/systemTopics/eventSubscriptions", "/secret-near-expiry")["properties"]
    assert "Microsoft.KeyVault.SecretNearExpiry" in properties["filter"]["includedEventTypes"]
    assert properties["eventDeliverySchema"] == "CloudEventSchemaV1_0"
    assert properties["destination"]["endpointType"] == "MonitorAlert"
    assert properties["destination"]["properties"]["actionGroups"] == ["Microsoft.Insights/actionGroups/ag-arr-token"]


def test_storage_takes_no_key_and_shows_nothing_to_the_public() -> None:
    """The storage account accepts Entra tokens over TLS 1.2 only; the app reads the package from it."""
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
def test_the_log_is_kept_for_the_configured_days(name: str, days: int) -> None:
    """The log is kept for the days that are set, and accepts telemetry with an Entra token only."""
    deployment = DEPLOYMENTS[name]
    workspace, insights = deployment.one("OperationalInsights/workspaces"), deployment.one("Insights/components")
    assert workspace["properties"]["retentionInDays"] == days
    assert workspace["properties"]["features"] == {"disableLocalAuth": True}
    assert insights["properties"]["DisableLocalAuth"] is True
    assert insights["properties"]["WorkspaceResourceId"] == workspace["id"]
