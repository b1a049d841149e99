"""infra/app.bicep: where the function runs."""

import json

from tests.infra.template import choice, condition, dotted, parameter, resource, tree, variable

#: What Flex Consumption refuses, or reads elsewhere:
#: https://learn.microsoft.com/azure/azure-functions/functions-app-settings#flex-consumption-plan-deprecations
FORBIDDEN_SETTINGS = {
    "ENABLE_ORYX_BUILD",
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_MAX_HTTP_CONCURRENCY",
    "FUNCTIONS_WORKER_DYNAMIC_CONCURRENCY_ENABLED",
    "FUNCTIONS_WORKER_PROCESS_COUNT",
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_WORKER_RUNTIME_VERSION",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
    "WEBSITE_CONTENTOVERVNET",
    "WEBSITE_CONTENTSHARE",
    "WEBSITE_DNS_SERVER",
    "WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT",
    "WEBSITE_NODE_DEFAULT_VERSION",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_SKIP_CONTENTSHARE_VALIDATION",
    "WEBSITE_VNET_ROUTE_ALL",
}
APP = resource("app.bicep", "app")
PROPERTIES = APP["properties"]
HOST_SETTINGS = variable("app.bicep", "hostSettings")


def test_the_plan_is_flex_consumption() -> None:
    """On Linux, as Python needs it."""
    plan = resource("app.bicep", "plan")
    assert plan["sku"] == {"name": "FC1", "tier": "FlexConsumption"}
    assert plan["properties"] == {"reserved": True}
    assert APP["kind"] == "functionapp,linux"
    assert dotted(PROPERTIES["serverFarmId"]) == "plan.id"


def test_the_runtime_is_the_one_that_is_tested() -> None:
    """Python 3.13, as .python-version says."""
    assert PROPERTIES["functionAppConfig"]["runtime"] == {"name": "python", "version": "3.13"}


def test_one_instance_takes_a_hundred_requests() -> None:
    """Otherwise every waiting request starts an instance, and each has a token of its own to fetch."""
    scale = PROPERTIES["functionAppConfig"]["scaleAndConcurrency"]
    assert scale["triggers"] == {"http": {"perInstanceConcurrency": "httpConcurrency"}}
    assert (scale["instanceMemoryMB"], scale["maximumInstanceCount"]) == ("instanceMemoryMB", "maximumInstanceCount")
    assert parameter("httpConcurrency")["default"] == 100
    assert parameter("instanceMemoryMB")["allowed"] == [512, 2048, 4096]


def test_instances_are_kept_ready_only_where_asked_for() -> None:
    """They cost money while nobody calls: none by default, and no empty wish, which Azure would refuse."""
    assert parameter("alwaysReadyInstances")["default"] == 0
    test, some, none = choice(PROPERTIES["functionAppConfig"]["scaleAndConcurrency"]["alwaysReady"])
    assert test["operator"] == {
        "type": "greater_than",
        "operands": {"operand_1": "alwaysReadyInstances", "operand_2": 0},
    }
    assert (some, none) == ([{"name": "http", "instanceCount": "alwaysReadyInstances"}], [])


def test_a_network_outlives_the_next_deployment() -> None:
    """The app stays joined to the subnet that is named; by default there is none."""
    assert parameter("subnetId")["default"] == ""
    test, none, subnet = choice(PROPERTIES["virtualNetworkSubnetId"])
    assert test == {"function": {"type": "empty", "parameters": {"item_to_test": "subnetId"}}}
    assert (none, subnet) == (None, "subnetId")


def test_only_tls_gets_in() -> None:
    """HTTPS only, TLS 1.2 at least, HTTP/2, for the app and for publishing."""
    assert PROPERTIES["httpsOnly"] is True
    site = PROPERTIES["siteConfig"]
    assert (site["minTlsVersion"], site["scmMinTlsVersion"], site["http20Enabled"]) == ("1.2", "1.2", True)


def test_nobody_publishes_with_a_password() -> None:
    """Basic authentication is off for both of its doors."""
    policies = [resource("app.bicep", name) for name in ("noFtpPassword", "noScmPassword")]
    assert {policy["name"] for policy in policies} == {"ftp", "scm"}
    assert [policy["properties"] for policy in policies] == [{"allow": False}] * 2


def test_no_setting_that_flex_consumption_refuses() -> None:
    """Neither the host's settings nor the function's."""
    settings = set(HOST_SETTINGS) | set(variable("main.bicep", "settings"))
    assert not settings & FORBIDDEN_SETTINGS
    array = PROPERTIES["siteConfig"]["appSettings"]["loop_type"]["detail"]["array_name"]
    assert array["function"]["parameters"]["arg_1"]["function"]["parameters"] == {
        "arg_1": "hostSettings",
        "arg_2": "settings",
    }


def test_everything_is_reached_with_the_user_assigned_identity() -> None:
    """The package, the host's storage, Application Insights, and what the function itself reads."""
    assert APP["identity"]["type"] == "UserAssigned"
    assert list(APP["identity"]["userAssignedIdentities"]) == ["'${identity.id}'"]
    package = PROPERTIES["functionAppConfig"]["deployment"]["storage"]
    assert package["type"] == "blobContainer"
    assert dotted(package["value"]) == "storage.outputs.deploymentContainerUrl"
    assert package["authentication"]["type"] == "UserAssignedIdentity"
    assert dotted(package["authentication"]["userAssignedIdentityResourceId"]) == "identity.id"
    assert HOST_SETTINGS["AzureWebJobsStorage__credential"] == "managedidentity"
    for setting in ("AZURE_CLIENT_ID", "AzureWebJobsStorage__clientId"):
        assert dotted(HOST_SETTINGS[setting]) == "identity.clientId"
    publishing = HOST_SETTINGS["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]
    assert publishing == "ClientId=${identity.clientId};Authorization=AAD"
    assert HOST_SETTINGS["APPLICATIONINSIGHTS_CONNECTION_STRING"] == "insightsConnectionString"


def test_the_vaults_url_is_set_only_with_account_keys() -> None:
    """In keyless mode there is neither a vault nor its setting."""
    modules = tree("main.bicep")["modules"]
    assert condition(modules["vault"]) == "usesKeys"
    union = modules["app"]["config"]["params"]["settings"]["function"]["parameters"]
    assert union["arg_1"] == "settings"
    test, with_keys, without = choice(union["arg_2"])
    assert (test, without) == ("usesKeys", {})
    assert {name: dotted(value) for name, value in with_keys.items()} == {"KEY_VAULT_URL": "vault.outputs.uri"}
    equals = variable("main.bicep", "usesKeys")["operator"]
    assert (equals["type"], equals["operands"]) == (
        "equals",
        {"operand_1": "arrCredential", "operand_2": "account-key"},
    )


def test_the_key_of_the_app_is_no_part_of_the_template() -> None:
    """The host keeps function keys, and a deployment would replace one that apps carry."""
    assert "host/functionkeys" not in json.dumps([tree("app.bicep"), tree("main.bicep")], default=str).lower()
