import time

import pytest
from azure.identity import ManagedIdentityCredential

from local import jwts
from local.stand_ins import StandIns
from tests.local.clients import BASE, ask_sts, read_secret

_KEYLESS_SCOPE = "https://sts.mixedreality.azure.com//.default"

pytestmark = pytest.mark.usefixtures("sdk_environment")


def test_sts_takes_an_entra_token_of_the_right_resource_only(stand_ins: StandIns) -> None:
    """Keyless, the STS accepts the identity's token for its own resource, and no other."""
    with ManagedIdentityCredential() as credential:
        good = credential.get_token(_KEYLESS_SCOPE).token
        other = credential.get_token("https://vault.azure.net/.default").token
    assert ask_sts(stand_ins, good).status_code == 200
    assert ask_sts(stand_ins, other).status_code == 401
    stand_ins.identity.revoke_tokens()
    assert ask_sts(stand_ins, good).status_code == 401


@pytest.mark.parametrize(("base", "status"), [("", 400), (BASE + ".0", 400), (BASE[:-1], 400), (BASE, 401)])
def test_sts_refusals_carry_a_correlation_vector(stand_ins: StandIns, base: str, status: int) -> None:
    """A malformed X-MRC-CV is a 400, a wrong key a 401; both with free text and MS-CV."""
    response = ask_sts(stand_ins, f"{stand_ins.account.id}:wrong", **{"X-MRC-CV": base})
    assert response.status_code == status
    assert response.headers["WWW-Authenticate"].startswith("Invalid request: " if status == 400 else "Invalid token: ")
    assert response.headers["MS-CV"].endswith(".0")


def test_keys_rotate_and_are_revoked(stand_ins: StandIns) -> None:
    """A rotated key works from Key Vault at once and the old one no more; a revoked one stays in Key Vault."""
    old = read_secret(stand_ins)
    stand_ins.sts.rotate("primary")
    new = read_secret(stand_ins)
    assert [ask_sts(stand_ins, f"{stand_ins.account.id}:{key}").status_code for key in (old, new)] == [401, 200]
    stand_ins.sts.revoke("primary")
    assert read_secret(stand_ins) == new
    second = read_secret(stand_ins, "arr-account-key-secondary")
    assert [ask_sts(stand_ins, f"{stand_ins.account.id}:{key}").status_code for key in (new, second)] == [401, 200]
    stand_ins.sts.restore("primary")
    assert ask_sts(stand_ins, f"{stand_ins.account.id}:{new}").status_code == 200


def test_sts_has_a_clock_of_its_own(stand_ins: StandIns) -> None:
    """Date, iat and exp move together; lifetime, exp as a string, claims and MS-CV can be set."""
    options = stand_ins.sts.options
    options.clock_offset, options.lifetime, options.exp_as_string = -7_200, 600, True
    options.claims, options.fixed_ms_cv = {"aud": None}, "abc"
    response = ask_sts(stand_ins, f"{stand_ins.account.id}:{stand_ins.account.keys['primary']}")
    claims = jwts.unverified_claims(response.json()["AccessToken"])
    assert abs(time.time() - 7_200 - claims["iat"]) < 60
    assert claims["exp"] == str(claims["iat"] + 600)
    assert "aud" not in claims
    assert response.headers["MS-CV"] == "abc"
    options.sends_ms_cv = False
    assert "MS-CV" not in ask_sts(stand_ins, "x:y").headers
