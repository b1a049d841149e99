"""infra/vault.bicep: where the account keys are, and the alert before one ends."""

from tests.infra.template import dotted, parameter, resource, tree

VAULT = resource("vault.bicep", "vault")["properties"]


def test_roles_decide_who_reads() -> None:
    """Access policies, which an owner can give themselves unseen, do not count."""
    assert VAULT["enableRbacAuthorization"] is True
    assert "accessPolicies" not in VAULT


def test_nothing_is_lost_by_mistake() -> None:
    """What is deleted can be had back for 90 days, and nobody can purge it before."""
    assert VAULT["enableSoftDelete"] is True
    assert VAULT["enablePurgeProtection"] is True
    assert VAULT["softDeleteRetentionInDays"] == 90


def test_a_closed_vault_stays_closed() -> None:
    """Whether the internet reaches it is said in each deployment; by default it does, and roles guard it."""
    assert VAULT["publicNetworkAccess"] == "publicNetworkAccess"
    rules = parameter("vaultPublicNetworkAccess")
    assert (rules["default"], rules["allowed"]) == ("enabled", ["enabled", "disabled"])


def test_who_reads_a_key_is_in_the_log() -> None:
    """Every use of a secret is, beside the function's own lines, from the first deployment on."""
    audit = resource("vault.bicep", "audit")
    assert audit["scope"] == "vault"
    assert audit["properties"] == {
        "workspaceId": "workspaceId",
        "logs": [{"categoryGroup": "audit", "enabled": True}],
    }


def test_the_vault_holds_no_secret_of_the_template() -> None:
    """The keys are set by hand, after the deployment."""
    assert not [kind for one in tree("vault.bicep")["resources"].values() if "secrets" in (kind := one["type"])]


def test_a_key_that_nears_its_end_is_told() -> None:
    """Key Vault's own events go to the operators as an alert; that destination takes CloudEvents only."""
    topic = resource("vault.bicep", "events")["properties"]
    assert (dotted(topic["source"]), topic["topicType"]) == ("vault.id", "Microsoft.KeyVault.vaults")
    subscription = resource("vault.bicep", "secretNearExpiry")
    assert subscription["parent"] == "events"
    properties = subscription["properties"]
    assert "Microsoft.KeyVault.SecretNearExpiry" in properties["filter"]["includedEventTypes"]
    assert properties["eventDeliverySchema"] == "CloudEventSchemaV1_0"
    assert properties["destination"]["endpointType"] == "MonitorAlert"
    assert properties["destination"]["properties"]["severity"] == "Sev2"
    assert properties["destination"]["properties"]["actionGroups"] == ["actionGroupId"]
