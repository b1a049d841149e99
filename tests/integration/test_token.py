"""A token in the form in which a caller gets it."""

import asyncio
import base64
import json
import re
import time
from datetime import UTC, datetime
from email.utils import formatdate

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.integration.app import Load

NOT_NUMBERS: list[object] = [None, True, "", "soon", "1e9", "-5", " 17", "\u0663\u0664", [], {}]
NOT_DATES: list[object] = [0, -1, 1.5, 253_402_300_800, 10**30]


async def test_the_answer_is_the_sts_token_with_the_ms_cv_of_its_call(load: Load, services: SimulatedServices) -> None:
    """A caller gets every field and header of the contract, and no other."""
    app = await load()
    response = await app.get()
    sts_call = services.sts.faults.calls[-1]
    assert response.status == 200
    assert list(response.json) == ["AccessToken", "MsCv", "ExpiresOn", "ExpiresIn", "AccountId", "AccountDomain"]
    assert response.json["AccessToken"] == services.sts.issued[-1]
    assert response.json["MsCv"] == response.headers.pop("ms-cv") == sts_call.response_headers["MS-CV"]
    assert 86_390 < response.json["ExpiresIn"] <= 86_400
    assert response.json["ExpiresOn"] == _expiry(response.json["AccessToken"])
    assert response.json["AccountId"] == services.account.id
    assert response.json["AccountDomain"] == "westeurope.mixedreality.azure.com"
    assert re.fullmatch(r"[0-9a-f-]{36}", response.headers.pop("x-ms-request-id"))
    assert response.headers == {
        "content-type": "application/json; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "age": "0",
    }


def _expiry(token: str) -> str:
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return datetime.fromtimestamp(claims["exp"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_each_upstream_is_called_as_its_contract_says(load: Load, services: SimulatedServices) -> None:
    """Each call has the upstream's required headers: identity header, API version, key, correlation base."""
    app = await load(AZURE_CLIENT_ID="5d4b1d9c-8a0e-4b6e-9c51-1c3a5a0e7a11")
    await app.get()
    (identity,) = services.identity.faults.calls
    challenge, secret = services.key_vault.faults.calls
    (sts,) = services.sts.faults.calls
    assert identity.query["client_id"] == "5d4b1d9c-8a0e-4b6e-9c51-1c3a5a0e7a11"
    assert identity.query["api-version"] == "2019-08-01"
    assert identity.headers["X-IDENTITY-HEADER"] == services.identity.header
    assert (challenge.status, secret.status) == (401, 200)
    assert secret.query["api-version"] == "7.4"
    assert sts.path == f"/accounts/{services.account.id}/token"
    assert sts.headers["Authorization"] == f"Bearer {services.account.id}:{services.account.keys['primary']}"
    assert re.fullmatch(r"[A-Za-z0-9+/]{22}", sts.headers["X-MRC-CV"])


async def test_five_hundred_first_requests_cause_one_exchange(load: Load, services: SimulatedServices) -> None:
    """All requests that wait for the first exchange share its token."""
    services.sts.faults.set(Fault(delay=1))
    app = await load()
    responses = await asyncio.gather(*(app.get() for _ in range(500)))
    assert {response.json["AccessToken"] for response in responses} == {services.sts.issued[-1]}
    assert services.sts.faults.count == services.identity.faults.count == 1
    assert sum("source=issued" in line for line in app.lines) == 500


async def test_a_cached_token_grows_older_without_another_call(load: Load, services: SimulatedServices) -> None:
    """Age and ExpiresIn follow the clock, without a call of the STS."""
    app = await load()
    await app.get()
    app.advance(1260)
    response = await app.get()
    assert response.headers["age"] == "1260"
    assert 86_400 - 1260 - 10 < response.json["ExpiresIn"] <= 86_400 - 1260
    assert services.sts.faults.count == 1
    assert "source=held" in app.lines[-1]


@pytest.mark.parametrize(("monotonic", "wall"), [(True, False), (False, True)])
async def test_age_is_the_larger_of_both_clocks(load: Load, monotonic: bool, wall: bool) -> None:
    """A paused host or a clock that was set back never makes a token look younger."""
    app = await load()
    await app.get()
    app.advance(100, monotonic=monotonic, wall=wall)
    app.advance(-50, monotonic=False, wall=not wall)
    assert (await app.get()).headers["age"] == "100"


@pytest.mark.parametrize("offset", [-86_400 * 30, 86_400 * 30])
async def test_this_hosts_clock_does_not_count(load: Load, services: SimulatedServices, offset: int) -> None:
    """A host with a clock that is a month wrong returns the same ExpiresIn."""
    services.sts.options.clock_offset = offset
    response = await (await load()).get()
    assert 86_390 < response.json["ExpiresIn"] <= 86_400


@pytest.mark.parametrize("behind_s", [None, 3 * 3600, time.time()], ids=["unreadable", "three hours behind", "1970"])
async def test_a_wrong_date_does_not_lengthen_the_life(
    load: Load, services: SimulatedServices, behind_s: float | None
) -> None:
    """No caller gets an expired token because of a wrong Date of the STS."""
    date = "yesterday" if behind_s is None else formatdate(time.time() - behind_s, usegmt=True)
    services.sts.options.lifetime = 7200
    services.sts.faults.set(Fault(headers={"Date": date}))
    app = await load()
    assert 7190 < (await app.get()).json["ExpiresIn"] <= 7200
    services.sts.faults.set(Fault(status=503))
    app.advance(7200)
    assert (await app.get()).code == "sts-unavailable"


@pytest.mark.parametrize("expiry", NOT_NUMBERS + NOT_DATES, ids=repr)
async def test_an_expiry_that_cannot_be_read_is_null(load: Load, services: SimulatedServices, expiry: object) -> None:
    """The caller gets the token, with null for unknown fields."""
    services.sts.options.claims = {"exp": expiry}
    response = await (await load()).get({"minValidity": "82800"})
    assert response.status == 200
    assert response.json["ExpiresOn"] is response.json["ExpiresIn"] is None
