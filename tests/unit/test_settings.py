"""What each setting may be."""

import pytest

from shared.errors import Misconfigured
from shared.settings import Settings, read_settings
from tests.unit.support import ACCOUNT_ID, ENVIRONMENT, NAMES, VAULT


def problems_of(**environ: str) -> tuple[str, ...]:
    """Return what is wrong with a good environment once these are set."""
    try:
        read_settings(ENVIRONMENT | environ)
    except Misconfigured as error:
        return error.problems
    return ()


def test_defaults() -> None:
    """With nothing but the vault and the account set, every other setting has the default that README lists."""
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
        sign_in_enabled=False,
    )


def test_everything_set() -> None:
    """Every setting is taken as it is set, without the white space around it."""
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
        sign_in_enabled=True,
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["", " \t "])
def test_an_empty_value_counts_as_not_set(name: str, value: str) -> None:
    """A setting that is there but empty is the same as one that is left out."""
    required = {"KEY_VAULT_URL", "ARR_ACCOUNT_ID"}
    assert len(problems_of(**{name: value})) == (name in required)


def test_all_problems_at_once() -> None:
    """Whoever has set everything wrong reads all of it at once, and no value of it."""
    environ = dict.fromkeys(NAMES, "?wrong?") | {"ARR_REQUIRED_ROLE": "App.Reader"}
    found = problems_of(**environ)
    assert [problem.split()[0] for problem in found] == [
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
    assert not any("wrong" in problem for problem in found)


_PROBLEMS = {
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


@pytest.mark.parametrize("name", _PROBLEMS)
def test_a_problem_says_what_would_be_right(name: str) -> None:
    """Whoever reads it needs no documentation to mend the setting."""
    assert problems_of(**{name: "?wrong?"}) == (f"{name} must be {_PROBLEMS[name]}",)


def test_keyless_needs_no_vault() -> None:
    """With the identity's own token there is no key, so no vault has to be named, but one that is named is checked."""
    keyless = {"ARR_CREDENTIAL": "managed-identity"}
    assert problems_of(**keyless, KEY_VAULT_URL="") == ()
    assert read_settings(ENVIRONMENT | keyless).keyless
    assert read_settings(ENVIRONMENT | keyless | {"KEY_VAULT_URL": ""}).key_vault_url == ""
    assert problems_of(**keyless, KEY_VAULT_URL="http://vault")[0].startswith("KEY_VAULT_URL ")


@pytest.mark.parametrize("value", ["True", "true", "TRUE", " tRue "])
def test_a_role_with_sign_in(value: str) -> None:
    """A role can be required while the platform signs users in, in whatever case it says so."""
    assert problems_of(ARR_REQUIRED_ROLE="x", WEBSITE_AUTH_ENABLED=value) == ()


@pytest.mark.parametrize("value", ["", "False", "1", "yes", "true,false"])
def test_a_role_without_sign_in(value: str) -> None:
    """A role that nobody could have is a problem of the settings, not of each caller."""
    (problem,) = problems_of(ARR_REQUIRED_ROLE="x", WEBSITE_AUTH_ENABLED=value)
    assert problem.startswith("ARR_REQUIRED_ROLE ")
