"""The callers that are admitted, and the roles that are assigned."""

import re

import pytest

from tests.infra.deployments import DEPLOYMENTS, FUNCTION_ID, HEADSET_ID, KEY_SETTER, Deployment, Resource

APP = "[Microsoft.ManagedIdentity/userAssignedIdentities/id-arr-token.principalId]"
#: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
BLOB_DATA_OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
METRICS_PUBLISHER = "3913510d-42f4-4e42-8a64-420c390055eb"
OF_THE_APP = {
    (BLOB_DATA_OWNER, "Microsoft.Storage/storageAccounts", APP),
    (METRICS_PUBLISHER, "Microsoft.Insights/components", APP),
}
READS_KEYS = {(SECRETS_USER, "Microsoft.KeyVault/vaults", APP)}
SETS_KEYS = {(SECRETS_OFFICER, "Microsoft.KeyVault/vaults", KEY_SETTER)}


def _assigned(assignment: Resource) -> tuple[str, str, str]:
    """Return the role, the type of its resource, and the principal that has it."""
    properties = assignment["properties"]
    scope = re.match(r"(?:\[extensionResourceId\(')?([\w.]+/\w+)/", assignment["id"])
    assert scope
    return properties["roleDefinitionId"].rpartition("/")[2], scope[1], properties["principalId"]


@pytest.mark.parametrize(
    ("name", "grants"),
    [
        ("default", OF_THE_APP | READS_KEYS),
        ("keyless", OF_THE_APP),
        ("closed-network", OF_THE_APP | READS_KEYS | SETS_KEYS),
    ],
)
def test_each_role_is_the_least_and_on_one_resource(name: str, grants: set[tuple[str, str, str]]) -> None:
    """The app can use its storage, telemetry and vault; people can use the vault only if they are named."""
    assignments = DEPLOYMENTS[name].of_type("Authorization/roleAssignments")
    assert {_assigned(one) for one in assignments} == grants
    assert len(assignments) == len(grants)


@pytest.mark.parametrize("deployment", DEPLOYMENTS.values(), ids=DEPLOYMENTS)
def test_an_assignment_is_named_after_what_it_gives(deployment: Deployment) -> None:
    """A deployment can run again: an assignment keeps its name, and another identity's has another name."""
    for assignment in deployment.of_type("Authorization/roleAssignments"):
        role, scope, principal = _assigned(assignment)
        arguments = assignment["name"]
        if arguments.startswith("[guid("):
            assert all(part in arguments for part in (role, scope, principal.strip("[]")))
        else:  # Bicep computed it: all its parts are known before the deployment
            assert re.fullmatch(r"[0-9a-f-]{36}", arguments)


@pytest.mark.parametrize("deployment", DEPLOYMENTS.values(), ids=DEPLOYMENTS)
def test_the_app_is_assigned_as_a_service_principal(deployment: Deployment) -> None:
    """Azure waits until it knows a new identity; people and groups that set keys may be of any kind."""
    for assignment in deployment.of_type("Authorization/roleAssignments"):
        kind = None if _assigned(assignment)[0] == SECRETS_OFFICER else "ServicePrincipal"
        assert assignment["properties"].get("principalType") == kind


def test_sign_in_is_on_by_default() -> None:
    """A function key alone is not enough, and a headset gets a 401 instead of a sign-in page."""
    properties = DEPLOYMENTS["default"].one("Web/sites/config", "authsettingsV2")["properties"]
    assert properties["platform"] == {"enabled": True}
    assert properties["globalValidation"]["requireAuthentication"] is True
    assert properties["globalValidation"]["unauthenticatedClientAction"] == "Return401"
    assert properties["login"] == {"tokenStore": {"enabled": False}}
    assert properties["httpSettings"] == {"requireHttps": True}


def test_sign_in_lets_through_what_opens_nothing() -> None:
    """Sign-in excludes only paths that Core Tools needs and that ask for the host's own key, and the empty /up."""
    properties = DEPLOYMENTS["default"].one("Web/sites/config", "authsettingsV2")["properties"]
    through = ["/admin/host/status", "/admin/host/synctriggers", "/up"]
    assert properties["globalValidation"]["excludedPaths"] == through


def test_sign_in_that_is_off_is_switched_off() -> None:
    """An app with sign-in loses it, so that it does not keep it without the role that belongs to it."""
    deployment = DEPLOYMENTS["keyless"]
    off = deployment.one("Web/sites/config", "authsettingsV2")["properties"]
    assert off == {"platform": {"enabled": False}}
    assert deployment.app_settings()["ARR_REQUIRED_ROLE"] == ""


def test_only_named_apps_and_audiences_are_let_in() -> None:
    """A caller's token must be from this tenant, for this function, and obtained by a named app."""
    config = DEPLOYMENTS["default"].one("Web/sites/config", "authsettingsV2")["properties"]["identityProviders"]
    entra = config["azureActiveDirectory"]
    assert entra["enabled"] is True
    assert entra["registration"]["clientId"] == FUNCTION_ID
    issuer = "[format('{0}{1}/v2.0', environment().authentication.loginEndpoint, tenant().tenantId)]"
    assert entra["registration"]["openIdIssuer"] == issuer
    assert entra["validation"] == {
        "allowedAudiences": [FUNCTION_ID, f"api://{FUNCTION_ID}"],
        "defaultAuthorizationPolicy": {"allowedApplications": [HEADSET_ID]},
    }
