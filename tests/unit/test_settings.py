"""shared.settings. test_settings_names.py and test_settings_times.py have the rules of single settings."""

import pytest

from shared.errors import Misconfigured
from shared.settings import Settings, read_settings
from tests.unit.support import ACCOUNT_ID, ENVIRONMENT, NAMES, VAULT


def violations_of(**environ: str) -> tuple[str, ...]:
    """Return the violations in a good environment with these settings added."""
    try:
        read_settings(ENVIRONMENT | environ)
    except Misconfigured as error:
        return error.violations
    return ()


def test_defaults() -> None:
    """With only the vault and the account set, every other setting has the default that README lists."""
    assert read_settings(ENVIRONMENT) == Settings(
        key_vault_url=VAULT,
        account_id=ACCOUNT_ID,
        account_domain="mixedreality.azure.com",
        sts_url="https://sts.mixedreality.azure.com",
        key_secrets=("arr-account-key",),
        keyless=False,
        required_role=None,
        refresh_after_s=3600,
        min_validity_s=900,
        max_wait_s=10,
        client_id=None,
        has_identity_endpoint=False,
        has_identity_header=False,
        sign_in_enabled=False,
    )


def test_everything_set() -> None:
    """Every setting is used as it is set, without the white space around it."""
    environ = {
        "KEY_VAULT_URL": " https://VAULT-X/ ",
        "ARR_ACCOUNT_ID": f"\t{ACCOUNT_ID.upper()}\n",
        "ARR_ACCOUNT_DOMAIN": " WestEurope.MixedReality.Azure.Com ",
        "ARR_STS_URL": " https://STS-X/ ",
        "ARR_ACCOUNT_KEY_SECRETS": " primary , secondary ",
        "ARR_CREDENTIAL": " account-key ",
        "ARR_REQUIRED_ROLE": " App.Reader ",
        "ARR_REFRESH_AFTER_SECONDS": " 60 ",
        "ARR_MIN_VALIDITY_SECONDS": " 0 ",
        "ARR_MAX_WAIT_SECONDS": " 5 ",
        "AZURE_CLIENT_ID": " client ",
        "IDENTITY_ENDPOINT": "http://127.0.0.1:1/token",
        "IDENTITY_HEADER": "secret",
        "WEBSITE_AUTH_ENABLED": "True",
    }
    assert set(NAMES) <= set(environ)
    assert read_settings(environ) == Settings(
        key_vault_url="https://VAULT-X",
        account_id=ACCOUNT_ID.upper(),
        account_domain="westeurope.mixedreality.azure.com",
        sts_url="https://STS-X",
        key_secrets=("primary", "secondary"),
        keyless=False,
        required_role="App.Reader",
        refresh_after_s=60,
        min_validity_s=0,
        max_wait_s=5,
        client_id="client",
        has_identity_endpoint=True,
        has_identity_header=True,
        sign_in_enabled=True,
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["", " \t "])
def test_an_empty_value_counts_as_not_set(name: str, value: str) -> None:
    """An empty setting is the same as one that is left out."""
    required = {"KEY_VAULT_URL", "ARR_ACCOUNT_ID"}
    assert len(violations_of(**{name: value})) == (name in required)


def test_all_violations_at_once() -> None:
    """If every setting is wrong, the operator reads all names at once, and no value."""
    environ = dict.fromkeys(NAMES, "?wrong?") | {"ARR_REQUIRED_ROLE": "App.Reader"}
    found = violations_of(**environ)
    assert [violation.split()[0] for violation in found] == [
        "ARR_CREDENTIAL",
        "ARR_ACCOUNT_DOMAIN",
        "KEY_VAULT_URL",
        "ARR_ACCOUNT_ID",
        "ARR_STS_URL",
        "ARR_ACCOUNT_KEY_SECRETS",
        "ARR_REFRESH_AFTER_SECONDS",
        "ARR_MIN_VALIDITY_SECONDS",
        "ARR_MAX_WAIT_SECONDS",
        "ARR_REQUIRED_ROLE",
    ]
    assert not any("wrong" in violation for violation in found)


_RULES = {
    "KEY_VAULT_URL": "the vault's https URL, without path or user",
    "ARR_ACCOUNT_ID": "the account's GUID",
    "ARR_ACCOUNT_DOMAIN": "the account domain that the portal's Overview shows: mixedreality.azure.com "
    "or a name that ends in .mixedreality.azure.com",
    "ARR_STS_URL": "an https origin",
    "ARR_ACCOUNT_KEY_SECRETS": "1 to 4 names of Key Vault secrets (letters, digits and hyphens, at most 127), "
    "comma-separated",
    "ARR_CREDENTIAL": "account-key or managed-identity",
    "ARR_REQUIRED_ROLE": "left out, or App Service Authentication switched on (it sets WEBSITE_AUTH_ENABLED to True)",
    "ARR_MAX_WAIT_SECONDS": "a whole number of seconds from 1 to 60",
}


@pytest.mark.parametrize("name", _RULES)
def test_a_violation_says_the_rule(name: str) -> None:
    """An operator can correct the setting without reading the documentation."""
    assert violations_of(**{name: "?wrong?"}) == (f"{name} must be {_RULES[name]}",)


def test_keyless_needs_no_vault() -> None:
    """Without a key no vault is required, but a vault that is set is checked."""
    keyless = {"ARR_CREDENTIAL": "managed-identity"}
    assert violations_of(**keyless, KEY_VAULT_URL="") == ()
    assert read_settings(ENVIRONMENT | keyless).keyless
    assert read_settings(ENVIRONMENT | keyless | {"KEY_VAULT_URL": ""}).key_vault_url == ""
    assert violations_of(**keyless, KEY_VAULT_URL="http://vault")[0].startswith("KEY_VAULT_URL ")


@pytest.mark.parametrize("value", ["True", "true", "TRUE", " tRue "])
def test_a_role_with_sign_in(value: str) -> None:
    """A role can be required while the platform signs users in; the case of the platform's value does not matter."""
    assert violations_of(ARR_REQUIRED_ROLE="x", WEBSITE_AUTH_ENABLED=value) == ()


@pytest.mark.parametrize("value", ["", "False", "1", "yes", "true,false"])
def test_a_role_without_sign_in(value: str) -> None:
    """A role that no caller can have is a wrong setting, not a refusal of each caller."""
    (violation,) = violations_of(ARR_REQUIRED_ROLE="x", WEBSITE_AUTH_ENABLED=value)
    assert violation.startswith("ARR_REQUIRED_ROLE ")
