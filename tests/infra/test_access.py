"""Who is given which role on what, and nothing more."""

from typing import Any

from tests.infra.template import body, dotted, of_type, parameter, resource, tree, variable

APP, SETTERS = "appPrincipalId", "principalId"
#: file: (role's variable, its id, on what, to whom); ids: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
GRANTS = {
    ("storage.bicep", "storageBlobDataOwner", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "account", APP),
    ("vault.bicep", "secretsUser", "4633458b-17de-408a-b874-0445c86b69e6", "vault", APP),
    ("vault.bicep", "secretsOfficer", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "vault", SETTERS),
    ("monitoring.bicep", "metricsPublisher", "3913510d-42f4-4e42-8a64-420c390055eb", "insights", APP),
}


def _grant(file: str, assignment: dict[str, Any]) -> tuple[str, str, str, str, str]:
    properties = assignment["properties"]
    definition = properties["roleDefinitionId"]["function"]
    assert definition["type"] == "subscription_resource_id"
    assert definition["parameters"]["resource_type"] == "Microsoft.Authorization/roleDefinitions"
    role = definition["parameters"]["resource_name_1"]
    return file, role, variable(file, role), assignment["scope"], properties["principalId"]


def test_each_role_is_the_least_and_on_one_resource() -> None:
    """The app: its storage, its vault, its telemetry. Who sets keys: the vault. Nothing on the resource group."""
    assignments = of_type("Microsoft.Authorization/roleAssignments")
    assert {_grant(file, assignment) for file, assignment in assignments} == GRANTS
    assert len(assignments) == len(GRANTS)


def test_an_assignment_is_named_after_what_it_gives() -> None:
    """The same grant has the same name in each deployment; another identity's gets another."""
    for file, assignment in of_type("Microsoft.Authorization/roleAssignments"):
        name = assignment["name"]["function"]
        assert name["type"] == "guid"
        _, role, _, scope, principal = _grant(file, assignment)
        parts = name["parameters"]
        assert dotted(parts["base_string"]) == f"{scope}.id"
        assert (parts["extra_string_1"], parts["extra_string_2"]) == (principal, role)


def test_the_app_is_assigned_as_what_it_is() -> None:
    """Azure would look for another kind of principal, or not wait for a new one; who sets keys may be of any kind."""
    for file, assignment in of_type("Microsoft.Authorization/roleAssignments"):
        kind = "ServicePrincipal" if _grant(file, assignment)[-1] == APP else None
        assert assignment["properties"].get("principalType") == kind


def test_who_sets_keys_is_named_by_whoever_deploys() -> None:
    """Nobody is by default; each one named gets the role on the vault."""
    assert parameter("keySetterPrincipalIds")["default"] == []
    loop = tree("vault.bicep")["resources"]["keySetters"]["config"]["loop_type"]
    assert loop["detail"] == {"item_name": "principalId", "array_name": "keySetterPrincipalIds"}


def test_sign_in_is_on_by_default() -> None:
    """Who has only a function key is not let in."""
    modules = tree("main.bicep")["modules"]
    assert parameter("signIn")["default"] is True
    assert modules["signInConfig"]["config"]["condition"] == "signIn"
    off = tree("app.bicep")["resources"]["noSignIn"]["config"]
    assert off["condition"] == {"operator": {"type": "not", "operands": {"bool_value": "signIn"}}}
    assert off["config"]["properties"] == {"platform": {"enabled": False}}
    assert body(modules["app"])["params"]["signIn"] == "signIn"


def test_who_is_not_signed_in_gets_a_401() -> None:
    """Not a page to sign in at, which no headset's HTTP client can use; and no token is kept on the app's disk."""
    properties = resource("sign-in.bicep", "authentication")["properties"]
    assert properties["platform"] == {"enabled": True}
    assert properties["globalValidation"] == {
        "requireAuthentication": True,
        "unauthenticatedClientAction": "Return401",
    }
    assert properties["login"] == {"tokenStore": {"enabled": False}}
    assert properties["httpSettings"] == {"requireHttps": True}


def test_only_named_apps_and_audiences_are_let_in() -> None:
    """Tokens of this tenant, for this function, got by an app that is named; none of the lists can be empty."""
    entra = resource("sign-in.bicep", "authentication")["properties"]["identityProviders"]["azureActiveDirectory"]
    assert entra["enabled"] is True
    assert entra["registration"]["clientId"] == "clientId"
    issuer = "${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0"
    assert entra["registration"]["openIdIssuer"] == issuer
    assert entra["validation"] == {
        "allowedAudiences": "audiences",
        "defaultAuthorizationPolicy": {"allowedApplications": "clientApplications"},
    }
    for name in ("audiences", "clientApplications"):
        assert parameter(name, "sign-in.bicep")["min_length"] == 1


def test_sign_in_needs_its_ids() -> None:
    """Left out, that of the function's registration or of the apps that may call stops the deployment."""
    rules = parameter("clientId", "sign-in.bicep")
    assert (rules["default"], rules["min_length"], rules["max_length"]) == (None, 36, 36)
    assert parameter("signInClientApplications")["default"] == []
    assert parameter("signInAudiences")["default"] == ["signInClientId", "api://${signInClientId}"]
