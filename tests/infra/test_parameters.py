"""infra/main.bicep's parameters: the contract's settings, with the contract's defaults and rules."""

import re

import pytest

from shared.errors import Misconfigured
from shared.settings import read_settings
from tests.infra.template import FILES, choice, parameter, source, tree, variable
from tests.test_documents import ACCOUNT_ID, NEEDED, PLATFORM, Recorder

SETTINGS = variable("main.bicep", "settings")
#: Follow from what the template makes: the vault, and the identity.
COMPUTED = {"KEY_VAULT_URL", "AZURE_CLIENT_ID"}


def _parameter_of(setting: str) -> str:
    """Return the name of the parameter behind a setting, through ``string()`` where it is a number."""
    value = SETTINGS[setting]
    if isinstance(value, str):
        return value
    assert value["function"]["type"] == "string"
    return str(value["function"]["parameters"]["value_to_convert"])


def test_every_setting_of_the_contract_is_a_parameter() -> None:
    """What the function reads can be set, each by the parameter of the same name."""
    environment = Recorder(NEEDED)
    read_settings(environment)
    assert set(SETTINGS) == environment.asked - PLATFORM - COMPUTED
    for setting in SETTINGS:
        assert _parameter_of(setting).lower() == setting.replace("_", "").lower()


def test_the_defaults_are_the_contracts() -> None:
    """A deployment that names only the account runs as the contract says; the role follows from sign-in."""
    defaults = {setting: parameter(_parameter_of(setting))["default"] for setting in SETTINGS}
    assert choice(defaults.pop("ARR_REQUIRED_ROLE")) == ("signIn", "ArrUser", "")
    assert defaults.pop("ARR_ACCOUNT_ID") is None
    environment = {name: str(value) for name, value in defaults.items()}
    assert read_settings(NEEDED | environment) == read_settings(NEEDED)


@pytest.mark.parametrize("setting", [name for name in SETTINGS if name.endswith("_SECONDS")])
def test_seconds_have_the_contracts_bounds(setting: str) -> None:
    """A number that the function would refuse is refused by the deployment."""
    with pytest.raises(Misconfigured) as refusal:
        read_settings(NEEDED | {setting: "x"})
    least, most = re.findall(r"from (\d+) to (\d+)", str(refusal.value.violations))[0]
    bounds = parameter(_parameter_of(setting))
    assert (bounds["min_value"], bounds["max_value"]) == (int(least), int(most))


def test_the_credential_is_one_of_the_two() -> None:
    """Those that the function knows."""
    for credential in parameter("arrCredential")["allowed"]:
        assert read_settings(NEEDED | {"ARR_CREDENTIAL": credential})
    assert len(parameter("arrCredential")["allowed"]) == 2


def test_the_account_id_is_as_long_as_a_guid() -> None:
    """It has no default, and a key in its place is too long."""
    rules = parameter("arrAccountId")
    assert (rules["default"], rules["min_length"], rules["max_length"]) == (None, len(ACCOUNT_ID), len(ACCOUNT_ID))


def test_no_secret_passes_through_the_template() -> None:
    """No parameter is for a secret, none is made, and none is read."""
    everything = "".join(source(file) for file in FILES)
    assert "@secure" not in everything
    assert "vaults/secrets" not in everything
    assert not re.search(r"\b(list\w*Keys?|listKeys|getSecret|AccountKey)\b", everything)
    assert not [name for name in tree("main.bicep")["parameters"] if re.search(r"key$|secret$|password", name.lower())]


def test_only_what_nobody_can_guess_must_be_given() -> None:
    """The account, and who is told of alerts."""
    required = {name for name in tree("main.bicep")["parameters"] if parameter(name)["default"] is None}
    assert required == {"arrAccountId", "alertEmail"}
