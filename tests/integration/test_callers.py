"""Contract sections 3 and 6: the callers that get a token, and the parameters that they may send."""

import base64
import json
from typing import Any

import pytest

from local.services.simulated_services import SimulatedServices
from tests.integration.app import Load

OBJECT_ID = "6f0e7a3c-2a52-4d3e-9d5c-0c9f7a4f1b2d"
ROLE = "ArrUser"
SIGN_IN = {"ARR_REQUIRED_ROLE": ROLE, "WEBSITE_AUTH_ENABLED": "true"}
LONG_ROLE_TYPE = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"
LONG_ID_TYPE = "http://schemas.microsoft.com/identity/claims/objectidentifier"


def principal(
    *claims: tuple[str, str], role_typ: str | None = "own-role", auth_typ: str | None = "aad", padded: bool = True
) -> str:
    content: dict[str, Any] = {
        "auth_typ": auth_typ,
        "claims": [{"typ": LONG_ID_TYPE, "val": OBJECT_ID}, *({"typ": typ, "val": val} for typ, val in claims)],
        "name_typ": "name",
        "role_typ": role_typ,
    }
    text = base64.b64encode(json.dumps(content).encode()).decode()
    return text if padded else text.rstrip("=")


@pytest.mark.parametrize("claim_type", ["roles", LONG_ROLE_TYPE, "own-role"])
@pytest.mark.parametrize("padded", [True, False])
async def test_a_user_with_the_role_gets_a_token(load: Load, claim_type: str, padded: bool) -> None:
    """The role is found in each type of claim that can contain it."""
    app = await load(**SIGN_IN)
    response = await app.get(x_ms_client_principal=principal((claim_type, "Other"), (claim_type, ROLE), padded=padded))
    assert response.status == 200
    assert f"caller={OBJECT_ID}" in app.lines[-1]


async def test_a_user_without_the_role_is_forbidden(load: Load) -> None:
    """The user gets a 403, and the log has the user's object id."""
    app = await load(**SIGN_IN)
    for claim in ((), ("roles", "arruser"), ("name", ROLE), ("", ROLE), ("roles", f"{ROLE} ")):
        response = await app.get(x_ms_client_principal=principal(*[claim] if claim else [], role_typ=None))
        assert (response.status, response.code) == (403, "forbidden")
        assert f"outcome=forbidden request_id={response.headers['x-ms-request-id']} caller={OBJECT_ID}" in app.lines[-1]


async def test_a_role_of_another_provider_does_not_count(load: Load) -> None:
    """A user of another provider, who may choose the claims, has to sign in with Entra."""
    app = await load(**SIGN_IN)
    for provider in ("github", "google", "AAD", "", None):
        response = await app.get(x_ms_client_principal=principal(("roles", ROLE), auth_typ=provider))
        assert (response.status, response.code) == (401, "unauthenticated")


async def test_a_caller_that_is_not_signed_in_is_unauthenticated(load: Load) -> None:
    """Without a readable principal, a caller gets a 401 that names the scheme to sign in with."""
    app = await load(**SIGN_IN)
    for text in (None, "", "!", "bm9uc2Vuc2U=", "e30=", "W10=", "eyJjbGFpbXMiOiB7fX0", "////", "AA"):
        response = await app.get(**{} if text is None else {"x_ms_client_principal": text})
        assert (response.status, response.code) == (401, "unauthenticated")
        assert response.headers["www-authenticate"] == 'Bearer realm="GetArrToken"'


@pytest.mark.parametrize("enabled", [None, "", "False", "1", "yes"])
async def test_a_forged_principal_is_not_trusted(load: Load, enabled: str | None) -> None:
    """While the platform does not sign users in, a required role is a misconfiguration for every caller."""
    app = await load(ARR_REQUIRED_ROLE=ROLE, WEBSITE_AUTH_ENABLED=enabled)
    response = await app.get(x_ms_client_principal=principal(("roles", ROLE)))
    assert (response.status, response.code) == (500, "misconfigured")
    assert "ARR_REQUIRED_ROLE" in response.json["detail"]


@pytest.mark.parametrize(("enabled", "caller"), [("TRUE", OBJECT_ID), (None, "-")])
async def test_without_a_required_role_the_principal_is_only_logged(
    load: Load, enabled: str | None, caller: str
) -> None:
    """The log has the object id only while the platform signs users in."""
    app = await load(WEBSITE_AUTH_ENABLED=enabled)
    assert (await app.get(x_ms_client_principal=principal())).status == 200
    assert f"caller={caller} " in app.lines[-1]


async def test_an_unreadable_minimum_is_refused(load: Load, services: SimulatedServices) -> None:
    """minValidity is a whole number of seconds from 0 to 82800, and nothing else."""
    app = await load()
    for value in ("", " ", "-1", "82801", "1.0", "1e3", "+5", "0x10", "\u0663", "5 ", "1,2", "9" * 5000):
        response = await app.get({"minValidity": value})
        assert (response.status, response.code) == (400, "invalid-request")
    assert services.sts.faults.count <= 1


async def test_a_readable_minimum_is_accepted(load: Load) -> None:
    """A minValidity with leading zeros is accepted, and other parameters are ignored."""
    app = await load()
    for value in ("0", "007", "82800", "0" * 5000 + "1"):
        assert (await app.get({"minValidity": value, "other": "x"})).status == 200
