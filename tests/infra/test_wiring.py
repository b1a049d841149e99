"""What a template hands to another: another name that fits in its place would deploy, and fail later."""

import re

import pytest

from tests.infra.template import FILES, body, dotted, source, tree

OUTPUTS = {
    "alerts.bicep": {"actionGroupId": "told.id"},
    "app.bicep": {"name": "app.name", "url": "'https://${app.properties.defaultHostName}/api/GetArrToken'"},
    "main.bicep": {
        "AZURE_RESOURCE_GROUP": "resourceGroup().name",
        "AZURE_FUNCTION_APP_NAME": "app.outputs.name",
        "AZURE_KEY_VAULT_NAME": "usesKeys ? vault!.outputs.name : ''",
        "AZURE_IDENTITY_PRINCIPAL_ID": "identity.properties.principalId",
        "AZURE_LOG_ANALYTICS_WORKSPACE_NAME": "monitoring.outputs.workspaceName",
        "GET_ARR_TOKEN_URL": "app.outputs.url",
    },
    "monitoring.bicep": {
        "insightsConnectionString": "insights.properties.ConnectionString",
        "workspaceId": "workspace.id",
        "workspaceName": "workspace.name",
    },
    "sign-in.bicep": {},
    "storage.bicep": {"deploymentContainerUrl": "'${account.properties.primaryEndpoints.blob}${container}'"},
    "vault.bicep": {"name": "vault.name", "uri": "vault.properties.vaultUri"},
}
#: Besides location, and what is called alike on both sides; KEY_VAULT_URL in settings: test_app.py
HANDED = {
    "monitoring": {"retentionDays": "logRetentionDays", "appPrincipalId": "identity.properties.principalId"},
    "alerts": {"email": "alertEmail", "workspaceId": "monitoring.outputs.workspaceId"},
    "vault": {
        "name": "vaultName",
        "appPrincipalId": "identity.properties.principalId",
        "publicNetworkAccess": "vaultPublicNetworkAccess",
        "workspaceId": "monitoring.outputs.workspaceId",
        "actionGroupId": "alerts.outputs.actionGroupId",
    },
    "app": {"insightsConnectionString": "monitoring.outputs.insightsConnectionString"},
    "signInConfig": {
        "appName": "app.outputs.name",
        "clientId": "signInClientId",
        "audiences": "signInAudiences",
        "clientApplications": "signInClientApplications",
    },
}


@pytest.mark.parametrize("file", FILES)
def test_an_output_is_what_its_name_says(file: str) -> None:
    """The next template, azd and the scripts take it for that."""
    assert dict(re.findall(r"(?m)^output (\w+) string = (.+)$", source(file))) == OUTPUTS[file]
    assert source(file).count("\noutput ") == len(OUTPUTS[file])


@pytest.mark.parametrize("module", HANDED)
def test_a_module_is_given_what_its_parameters_say(module: str) -> None:
    """Each value goes to the parameter that is meant for it."""
    params = body(tree("main.bicep")["modules"][module])["params"]
    handed = {name: dotted(value) for name, value in params.items() if name not in {"identity", "settings"}}
    assert {name: value for name, value in handed.items() if name != value} == HANDED[module]


def test_every_module_is_looked_at() -> None:
    """None is called whose parameters no test compares."""
    assert set(tree("main.bicep")["modules"]) == set(HANDED)


def test_the_app_has_the_identity_that_is_made() -> None:
    """What it runs with is what gets the roles, in its storage as well."""
    app = body(tree("main.bicep")["modules"]["app"])["params"]
    assert {field: dotted(value) for field, value in app["identity"].items()} == {
        "id": "identity.id",
        "clientId": "identity.properties.clientId",
        "principalId": "identity.properties.principalId",
    }
    storage = body(tree("app.bicep")["modules"]["storage"])["params"]
    assert {name: dotted(value) for name, value in storage.items()} == {
        "location": "location",
        "name": "storageName",
        "appPrincipalId": "identity.principalId",
    }


def test_sign_in_is_put_in_front_of_the_app_that_is_made() -> None:
    """Its configuration hangs on the app of the name that is handed over."""
    element = tree("sign-in.bicep")["resources"]["app"]
    assert (element["existing"], body(element)["name"]) == (True, "appName")
    assert body(tree("sign-in.bicep")["resources"]["authentication"])["parent"] == "app"
