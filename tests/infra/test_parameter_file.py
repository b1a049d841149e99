"""infra/main.bicepparam: what the environment of a deployment sets, worked out."""

import re
from typing import Any

import pytest

from tests.infra.template import parameter, source, tree

FILE = source("main.bicepparam")
#: What has to be set; a missing one stops the deployment, by name.
NEEDED = {"ARR_ACCOUNT_ID": "account", "ARR_ACCOUNT_DOMAIN": "domain", "ALERT_EMAIL": "email"}


def _given(**environment: str) -> dict[str, Any]:
    """Return each parameter's value, or raise KeyError with the name that Bicep would miss."""

    def read(name: str, *default: str) -> str:
        return environment.get(name, *default) if default else environment[name]

    functions = {
        "readEnvironmentVariable": read,
        "bool": {"true": True, "false": False}.__getitem__,
        "empty": lambda value: not value,
    }
    values: dict[str, Any] = {}
    for name, expression in re.findall(r"(?m)^(?:var|param) (\w+) = (.+?)(?: //.*)?$", FILE):
        python = re.sub(r"^(.+?) \? (.+) : (.+)$", r"(\2) if \1 else (\3)", expression)
        # Of these expressions, Bicep's and Python's form and meaning are now the same.
        values[name] = eval(python, {"__builtins__": {}}, functions | values)  # noqa: S307  # our own text
    return {name: values[name] for name in re.findall(r"(?m)^param (\w+) =", FILE)}


@pytest.mark.parametrize("missing", NEEDED)
def test_what_has_no_default_must_be_set(missing: str) -> None:
    """The account, its domain and who is told; a default would slip in when one of them is forgotten."""
    with pytest.raises(KeyError, match=missing):
        _given(**{name: value for name, value in NEEDED.items() if name != missing})


def test_what_is_not_set_has_the_templates_default() -> None:
    """The file decides nothing else; every name in it is a parameter."""
    assert FILE.startswith("using 'main.bicep'\n")
    given = _given(**NEEDED)
    assert set(given) <= set(tree("main.bicep")["parameters"])
    asked = {name: given.pop(name) for name in ("arrAccountId", "arrAccountDomain", "alertEmail")}
    assert list(asked.values()) == list(NEEDED.values())
    assert given == {name: parameter(name)["default"] for name in given}


def test_a_variable_reaches_its_parameter() -> None:
    """Each that may be set: who calls, who sets keys, with what credential, through which network."""
    environment = {
        "ARR_CREDENTIAL": "managed-identity",
        "SIGN_IN": "false",
        "SIGN_IN_CLIENT_ID": "function",
        "SIGN_IN_APP_CLIENT_ID": "app",
        "AZURE_PRINCIPAL_ID": "deployer",
        "SUBNET_ID": "subnet",
        "VAULT_PUBLIC_NETWORK_ACCESS": "disabled",
    }
    before, after = _given(**NEEDED), _given(**NEEDED, **environment)
    assert {name: value for name, value in after.items() if value != before[name]} == {
        "arrCredential": "managed-identity",
        "signIn": False,
        "signInClientId": "function",
        "signInClientApplications": ["app"],
        "keySetterPrincipalIds": ["deployer"],
        "subnetId": "subnet",
        "vaultPublicNetworkAccess": "disabled",
    }
