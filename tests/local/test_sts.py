import time

import pytest
from azure.identity import ManagedIdentityCredential

from local.services import jwts
from local.services.simulated_services import SimulatedServices
from tests.local.clients import BASE, ask_sts, read_secret

_KEYLESS_SCOPE = "https://sts.mixedreality.azure.com//.default"

pytestmark = pytest.mark.usefixtures("sdk_environment")


def test_sts_takes_an_entra_token_of_the_right_resource_only(services: SimulatedServices) -> None:
    """Keyless, the STS accepts the identity's token for its own resource, and no other."""
    with ManagedIdentityCredential() as credential:
        good = credential.get_token(_KEYLESS_SCOPE).token
        other = credential.get_token("https://vault.azure.net/.default").token
    assert ask_sts(services, good).status_code == 200
    assert ask_sts(services, other).status_code == 401
    services.identity.revoke_tokens()
    assert ask_sts(services, good).status_code == 401


@pytest.mark.parametrize(("base", "status"), [("", 400), (BASE + ".0", 400), (BASE[:-1], 400), (BASE, 401)])
def test_sts_refusals_carry_a_correlation_vector(services: SimulatedServices, base: str, status: int) -> None:
    """A malformed X-MRC-CV is a 400, a wrong key a 401; both with free text and MS-CV."""
    response = ask_sts(services, f"{services.account.id}:wrong", **{"X-MRC-CV": base})
    assert response.status_code == status
    assert response.headers["WWW-Authenticate"].startswith("Invalid request: " if status == 400 else "Invalid token: ")
    assert response.headers["MS-CV"].endswith(".0")


def test_keys_rotate_and_are_revoked(services: SimulatedServices) -> None:
    """A rotated key works from Key Vault at once and the old one no more; a revoked one stays in Key Vault."""
    old = read_secret(services)
    services.sts.rotate("primary")
    new = read_secret(services)
    assert [ask_sts(services, f"{services.account.id}:{key}").status_code for key in (old, new)] == [401, 200]
    services.sts.revoke("primary")
    assert read_secret(services) == new
    second = read_secret(services, "arr-account-key-secondary")
    assert [ask_sts(services, f"{services.account.id}:{key}").status_code for key in (new, second)] == [401, 200]
    services.sts.restore("primary")
    assert ask_sts(services, f"{services.account.id}:{new}").status_code == 200


def test_sts_has_a_clock_of_its_own(services: SimulatedServices) -> None:
    """Date, iat and exp move together; lifetime, exp as a string, claims and MS-CV can be set."""
    options = services.sts.options
    options.clock_offset, options.lifetime, options.exp_as_string = -7_200, 600, True
    options.claims, options.fixed_ms_cv = {"aud": None}, "abc"
    response = ask_sts(services, f"{services.account.id}:{services.account.keys['primary']}")
    claims = jwts.unverified_claims(response.json()["AccessToken"])
    assert abs(time.time() - 7_200 - claims["iat"]) < 60
    assert claims["exp"] == str(claims["iat"] + 600)
    assert "aud" not in claims
    assert response.headers["MS-CV"] == "abc"
    options.sends_ms_cv = False
    assert "MS-CV" not in ask_sts(services, "x:y").headers
