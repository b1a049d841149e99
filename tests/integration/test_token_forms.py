"""Unusual responses of the STS that hold a token."""

import json

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.integration.app import Load


@pytest.mark.parametrize("token", ["opaque", "a.b", "a.b.c", "..", "a.!.c", "a.WzFd.c", "a.e30.c.d.e", '"\\{}', "~"])
async def test_a_token_that_is_no_jwt_is_handed_out(load: Load, services: SimulatedServices, token: str) -> None:
    """The caller gets the token, since only ARR has to understand it."""
    services.sts.faults.set(Fault(status=200, body=json.dumps({"AccessToken": token})))
    response = await (await load()).get()
    assert response.json["AccessToken"] == token
    assert response.json["ExpiresIn"] is None


async def test_an_expiry_in_digits_is_read(load: Load, services: SimulatedServices) -> None:
    """An exp as a string of digits, as in the SDKs' recordings, is read like a number."""
    services.sts.options.exp_as_string = True
    assert 86_390 < (await (await load()).get()).json["ExpiresIn"] <= 86_400


@pytest.mark.parametrize("ms_cv", [None, "", "a b", "x" * 129, "ü", "a\tb"])
async def test_an_unusable_ms_cv_is_left_out(load: Load, services: SimulatedServices, ms_cv: str | None) -> None:
    """Without an MS-CV of 1 to 128 characters of visible ASCII, the caller gets no header and null."""
    services.sts.faults.set(Fault(headers={"MS-CV": ms_cv}))
    response = await (await load()).get()
    assert response.status == 200
    assert response.json["MsCv"] is None
    assert "ms-cv" not in response.headers


async def test_white_space_around_an_ms_cv_is_not_part_of_it(load: Load, services: SimulatedServices) -> None:
    """The caller gets the MS-CV without surrounding white space (RFC 9110 section 5.5)."""
    response = b"HTTP/1.1 200 OK\r\nMS-CV: \t abc.0 \t \r\nContent-Length: 20\r\n\r\n" + b'{"AccessToken": "x"} '
    services.sts.faults.set(Fault(raw=response))
    assert (await (await load()).get()).json["MsCv"] == "abc.0"


@pytest.mark.parametrize("ms_cv", ["a", "x" * 128, "gKXl1CkeG0mRb6HEtMUmHQ", "+/+/+/.0;!"])
async def test_any_visible_ms_cv_is_passed_on(load: Load, services: SimulatedServices, ms_cv: str) -> None:
    """The caller gets the STS's MS-CV unchanged."""
    services.sts.options.fixed_ms_cv = ms_cv
    response = await (await load()).get()
    assert response.json["MsCv"] == response.headers["ms-cv"] == ms_cv


async def test_a_token_of_nearly_64_kib_is_handed_out(load: Load, services: SimulatedServices) -> None:
    """A token fits if the whole body has at most 64 KiB."""
    body = json.dumps({"AccessToken": ""})
    body = json.dumps({"AccessToken": "x" * (65_536 - len(body))})
    services.sts.faults.set(Fault(status=200, body=body))
    assert (await (await load()).get()).status == 200
