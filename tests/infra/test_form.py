"""What a compiler would say of the templates, as far as a tree shows it."""

import re

import pytest

from tests.infra.template import FILES, INFRA, body, longest, parameter, resource, resources, source, tree, variable

#: Versions that Microsoft supports for good; the vault's, because older ones end on 2027-02-27. The one preview's
#: type has no stable version that can be used: https://github.com/Azure/azure-rest-api-specs/issues/16697
PREVIEW = "Microsoft.Insights/diagnosticSettings"
VERSIONS = {
    "Microsoft.Authorization/roleAssignments": "2022-04-01",
    "Microsoft.EventGrid/systemTopics": "2025-02-15",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions": "2025-02-15",
    "Microsoft.Insights/actionGroups": "2023-01-01",
    "Microsoft.Insights/components": "2020-02-02",
    PREVIEW: "2021-05-01-preview",
    "Microsoft.Insights/scheduledQueryRules": "2023-12-01",
    "Microsoft.KeyVault/vaults": "2026-02-01",
    "Microsoft.ManagedIdentity/userAssignedIdentities": "2024-11-30",
    "Microsoft.OperationalInsights/workspaces": "2025-02-01",
    "Microsoft.OperationalInsights/workspaces/savedSearches": "2025-02-01",
    "Microsoft.Storage/storageAccounts": "2024-01-01",
    "Microsoft.Storage/storageAccounts/blobServices": "2024-01-01",
    "Microsoft.Storage/storageAccounts/blobServices/containers": "2024-01-01",
    "Microsoft.Web/serverfarms": "2024-04-01",
    "Microsoft.Web/sites": "2024-04-01",
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": "2024-04-01",
    "Microsoft.Web/sites/config": "2024-04-01",
}
WORDS = {
    "metadata",
    "description",
    "param",
    "var",
    "type",
    "resource",
    "module",
    "output",
    "existing",
    "if",
    "for",
    "in",
}
WORDS |= {"true", "false", "null", "string", "int", "bool", "object"}
UNIQUE = 13  # characters that uniqueString() makes
#: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
LIMITS = {"vault": 24, "storage": 24, "site": 60, "plan": 60, "identity": 128, "workspace": 63, "topic": 50}
NAME = parameter("name")["max_length"]


def _code(file: str) -> str:
    """Return a template without its comments, descriptions and the literal parts of its strings."""
    text = re.sub(r"(?m)^@description\(.*\)$|(?<!:)//.*$", "", source(file)).replace("\\'", "")
    return re.sub(r"'[^']*'", lambda string: " ".join(re.findall(r"\$\{([^}]*)\}", string[0])), text)


def test_every_resource_has_the_version_that_was_chosen() -> None:
    """None but one is a preview, and a type's version is the same everywhere."""
    assert {one["type"]: one["api_version"] for _, _, one in resources()} == VERSIONS
    assert all(one["api_version"] == VERSIONS[one["type"]] for _, _, one in resources())
    assert [kind for kind, version in VERSIONS.items() if version.endswith("-preview")] == [PREVIEW]


@pytest.mark.parametrize("file", FILES)
def test_every_declared_name_is_used(file: str) -> None:
    """A parameter or variable that nothing reads would look as if it had an effect."""
    code = _code(file)
    for name in [*tree(file).get("parameters", {}), *tree(file).get("variables", {})]:
        assert len(re.findall(rf"(?<![\w.]){name}\b(?!:)| in {name}:", code)) > 1, name


@pytest.mark.parametrize("file", FILES)
def test_every_used_name_is_declared(file: str) -> None:
    """A slip of the pen would otherwise show first in Azure."""
    code, parsed = _code(file), tree(file)
    kinds = ("parameters", "variables", "resources", "modules", "outputs", "types")
    declared = {part for kind in kinds for name in parsed.get(kind, {}) for part in name.split("__")}
    declared |= set(re.findall(r"\bfor (\w+) in\b", code)) | set(re.findall(r"(?m)^type (\w+)", code))
    assert set(re.findall(r"(?<![\w.@])[A-Za-z_]\w*\b(?!\s*[:(])", code)) - declared - WORDS == set()


@pytest.mark.parametrize("file", FILES)
def test_every_module_is_called_as_it_declares(file: str) -> None:
    """It gets what it needs and nothing else, and what is read from it is one of its outputs."""
    for name, module in tree(file).get("modules", {}).items():
        called = tree(module["detail"]["path"])
        needed = {key for key, value in called["parameters"].items() if value["default"] is None}
        given = set(body(module)["params"])
        assert needed <= given <= set(called["parameters"])
        assert set(re.findall(rf"\b{name}!?\.outputs\.(\w+)", source(file))) <= set(called.get("outputs", {}))
        assert body(module)["name"] == name or name == "signInConfig"


def test_every_template_is_reached_from_main() -> None:
    """No file is left over."""
    called = {module["detail"]["path"] for file in FILES for module in tree(file).get("modules", {}).values()}
    assert called | {"main.bicep"} == set(FILES)
    for file in FILES:
        for path in re.findall(r"loadTextContent\('(.+?)'\)", source(file)):
            assert (INFRA / path).is_file()


def test_a_condition_stands_in_brackets() -> None:
    """``a == b ? c : d`` is read otherwise by the parser of these tests than by Bicep."""
    for file in FILES:
        assert not re.search(r"(==|!=|[<>]=?|&&|\|\|) *[\w.']+ *\? ", source(file)), file


def test_names_are_within_azures_limits() -> None:
    """For the longest name that may be chosen."""
    vault = parameter("vaultName")["max_length"]
    by_default = parameter("vaultName")["default"].replace("${uniqueString(resourceGroup().id, name)}", "${token}")
    storage = variable("app.bicep", "storageName")
    assert re.fullmatch(r"[a-z]+\$\{token\}", storage)
    lengths = {
        "vault": max(vault, longest(by_default, token=UNIQUE)),
        "storage": longest(storage, token=UNIQUE),
        "site": longest(resource("app.bicep", "app")["name"], name=NAME, token=UNIQUE),
        "plan": longest(resource("app.bicep", "plan")["name"], name=NAME),
        "identity": longest(resource("main.bicep", "identity")["name"], name=NAME),
        "workspace": longest(resource("monitoring.bicep", "workspace")["name"], name=NAME),
        "topic": longest(resource("vault.bicep", "events")["name"], name=vault),
    }
    assert {kind: length for kind, length in lengths.items() if length > LIMITS[kind]} == {}
    assert len(resource("alerts.bicep", "told")["properties"]["groupShortName"]) <= 12


def test_no_file_is_long() -> None:
    """A template is read as a whole."""
    assert {file: lines for file in FILES if (lines := source(file).count("\n")) > 150} == {}
