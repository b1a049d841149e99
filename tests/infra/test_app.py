"""The function app: its plan, its settings, its name."""

import re

import pytest

from shared.settings import read_settings
from tests.infra.deployments import DEPLOYMENTS, ROOT, SUBNET, Deployment
from tests.test_documents import NEEDED, PLATFORM, Recorder

#: Settings that Flex Consumption refuses, or reads elsewhere:
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
#: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
LONGEST_NAMES = {
    "Microsoft.EventGrid/systemTopics": 50,
    "Microsoft.KeyVault/vaults": 24,
    "Microsoft.ManagedIdentity/userAssignedIdentities": 128,
    "Microsoft.OperationalInsights/workspaces": 63,
    "Microsoft.Storage/storageAccounts": 24,
    "Microsoft.Web/serverfarms": 60,
    "Microsoft.Web/sites": 60,
}
#: The type has no stable version that can be used: https://github.com/Azure/azure-rest-api-specs/issues/16697
PREVIEW = "Microsoft.Insights/diagnosticSettings"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities/id-arr-token"
each_deployment = pytest.mark.parametrize("deployment", DEPLOYMENTS.values(), ids=DEPLOYMENTS)


def _in_azure(settings: dict[str, str]) -> dict[str, str]:
    """Return the settings with values in the place of what Azure fills in."""
    vault = {"KEY_VAULT_URL": "https://kv-arr.vault.azure.net/"} if "KEY_VAULT_URL" in settings else {}
    sign_in = {"WEBSITE_AUTH_ENABLED": "True"} if settings["ARR_REQUIRED_ROLE"] else {}
    return settings | vault | sign_in | {"AZURE_CLIENT_ID": "11111111-1111-4111-8111-111111111111"}


@each_deployment
def test_the_function_can_read_its_settings(deployment: Deployment) -> None:
    """After a deployment the function has every setting that it reads, each with a value that it accepts."""
    settings = deployment.app_settings()
    environment = Recorder(_in_azure(settings))
    read_settings(environment)
    without_vault = set() if "KEY_VAULT_URL" in settings else {"KEY_VAULT_URL"}
    assert environment.read_names - PLATFORM - without_vault <= settings.keys()


def test_the_defaults_are_the_contracts() -> None:
    """A deployment that names only the account has the contract's defaults and requires the role."""
    settings = _in_azure(DEPLOYMENTS["default"].app_settings())
    needed = {
        name: settings[name] for name in ("KEY_VAULT_URL", "ARR_ACCOUNT_ID", "ARR_ACCOUNT_DOMAIN", "AZURE_CLIENT_ID")
    }
    assert read_settings(settings) == read_settings(
        NEEDED | needed | {"ARR_REQUIRED_ROLE": "ArrUser", "WEBSITE_AUTH_ENABLED": "True"}
    )


def test_every_parameter_reaches_its_setting() -> None:
    """Each parameter of a deployment sets the function's setting."""
    assert (
        DEPLOYMENTS["everything"].app_settings().items()
        >= {
            "ARR_ACCOUNT_DOMAIN": "eastus.mixedreality.azure.com",
            "ARR_STS_URL": "https://sts.example.com",
            "ARR_ACCOUNT_KEY_SECRETS": "arr-account-key,arr-account-key-secondary",
            "ARR_REQUIRED_ROLE": "Headset",
            "ARR_REFRESH_AFTER_SECONDS": "7200",
            "ARR_MIN_VALIDITY_SECONDS": "1800",
            "ARR_MAX_WAIT_SECONDS": "20",
        }.items()
    )


def test_keyless_has_no_vault() -> None:
    """Without a key, no vault is deployed and none is set."""
    deployment = DEPLOYMENTS["keyless"]
    assert deployment.app_settings()["ARR_CREDENTIAL"] == "managed-identity"
    assert "KEY_VAULT_URL" not in deployment.app_settings()
    assert not [one for one in deployment.resources if "KeyVault" in one["type"]]


@each_deployment
def test_no_setting_that_flex_consumption_refuses(deployment: Deployment) -> None:
    """No setting makes Azure refuse the deployment, and none is ignored."""
    assert not deployment.app_settings().keys() & FORBIDDEN_SETTINGS


@each_deployment
def test_the_plan_is_flex_consumption(deployment: Deployment) -> None:
    """The app runs on Linux with the tested Python, over HTTPS only, and nobody can publish with a password."""
    assert deployment.one("Web/serverfarms")["sku"] == {"name": "FC1", "tier": "FlexConsumption"}
    app = deployment.one("Web/sites")
    assert app["kind"] == "functionapp,linux"
    version = re.findall(r"\d+\.\d+", (ROOT / ".python-version").read_text(encoding="utf-8"))[0]
    assert app["properties"]["functionAppConfig"]["runtime"] == {"name": "python", "version": version}
    assert app["properties"]["httpsOnly"] is True
    tls = {"minTlsVersion": "1.2", "scmMinTlsVersion": "1.2", "http20Enabled": True, "ftpsState": "Disabled"}
    assert app["properties"]["siteConfig"].items() >= tls.items()
    policies = deployment.of_type("Web/sites/basicPublishingCredentialsPolicies")
    assert {policy["name"].rpartition("/")[2] for policy in policies} == {"ftp", "scm"}
    assert [policy["properties"] for policy in policies] == [{"allow": False}] * 2


@pytest.mark.parametrize(
    ("name", "memory", "instances", "requests", "ready"),
    [("default", 2048, 40, 100, []), ("everything", 4096, 100, 50, [{"name": "http", "instanceCount": 2}])],
)
def test_scale(name: str, memory: int, instances: int, requests: int, ready: list[object]) -> None:
    """Waiting requests share an instance, up to a hundred, instead of starting an instance and an STS call each."""
    assert DEPLOYMENTS[name].one("Web/sites")["properties"]["functionAppConfig"]["scaleAndConcurrency"] == {
        "instanceMemoryMB": memory,
        "maximumInstanceCount": instances,
        "alwaysReady": ready,
        "triggers": {"http": {"perInstanceConcurrency": requests}},
    }


@pytest.mark.parametrize(("name", "subnet"), [("default", None), ("closed-network", SUBNET.partition("providers/")[2])])
def test_the_app_joins_the_subnet_that_is_named(name: str, subnet: str | None) -> None:
    """The app's outgoing calls use the subnet, also after the next deployment."""
    assert DEPLOYMENTS[name].one("Web/sites")["properties"]["virtualNetworkSubnetId"] == subnet


@pytest.mark.parametrize("name", ["default", "keyless", "closed-network"])
def test_everything_is_reached_with_the_user_assigned_identity(name: str) -> None:
    """Package, storage, telemetry and upstreams need no key; there is no page at /."""
    deployment = DEPLOYMENTS[name]
    app, settings = deployment.one("Web/sites"), deployment.app_settings()
    assert app["identity"] == {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}
    package = app["properties"]["functionAppConfig"]["deployment"]["storage"]
    assert package["type"] == "blobContainer"
    assert package["authentication"]["userAssignedIdentityResourceId"] == IDENTITY
    assert settings["AzureWebJobsStorage__credential"] == "managedidentity"
    assert settings["AzureWebJobsStorage__accountName"] == deployment.one("Storage/storageAccounts")["name"]
    for setting in ("AZURE_CLIENT_ID", "AzureWebJobsStorage__clientId"):
        assert settings[setting] == f"[{IDENTITY}.clientId]"
    assert f"{IDENTITY}.clientId" in settings["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]
    assert settings["AzureWebJobsDisableHomepage"] == "true"


@each_deployment
def test_no_secret_passes_through_the_template(deployment: Deployment) -> None:
    """A deployment neither makes nor reads a secret, and does not replace the function key."""
    types = {one["type"].lower() for one in deployment.resources}
    assert not {one for one in types if "secrets" in one or "functionkeys" in one}
    assert not re.search(r"listKeys|listSecrets|AccountKey=|SharedAccess", str(deployment.resources))


@each_deployment
def test_names_are_within_azures_limits(deployment: Deployment) -> None:
    """A deployment with the longest allowed name is accepted."""
    names = {one["name"]: LONGEST_NAMES[one["type"]] for one in deployment.resources if one["type"] in LONGEST_NAMES}
    assert {name for name, longest in names.items() if len(name) > longest} == set()


@each_deployment
def test_only_one_api_version_is_a_preview(deployment: Deployment) -> None:
    """The templates still deploy after Azure withdraws preview versions, with one exception."""
    previews = {one["type"] for one in deployment.resources if one["apiVersion"].endswith("-preview")}
    assert previews <= {PREVIEW}
