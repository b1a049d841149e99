"""shared.api.token_response."""

import hashlib
import json
import math
from typing import Any

import azure.functions as func
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.api.token_response import TokenResponse
from shared.settings import read_settings
from shared.tokens.cache import CachedToken
from tests.unit.support import ACCOUNT_ID, DAY_S, ENVIRONMENT, ISSUED_ON, MS_CV, CacheHarness

SETTINGS = read_settings(ENVIRONMENT | {"ARR_ACCOUNT_DOMAIN": "westeurope"})


def _response(age_s: float = 0.0, **token: Any) -> func.HttpResponse:
    issued = CacheHarness().token(**token)
    return TokenResponse(issued, SETTINGS).response(CachedToken(issued, age_s, waited=False), "request-id")


def test_the_response() -> None:
    """A token goes out with exactly the contract's headers and fields, in the contract's order."""
    response = _response(1260.9)
    assert response.status_code == 200
    assert dict(response.headers) == {
        "content-type": "application/json; charset=utf-8",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "MS-CV": MS_CV,
        "Age": "1260",
        "x-ms-request-id": "request-id",
    }
    assert list(json.loads(response.get_body()).items()) == [
        ("AccessToken", "ey.J.x"),
        ("MsCv", MS_CV),
        ("ExpiresOn", "2026-11-19T11:06:40Z"),
        ("ExpiresIn", 85139),
        ("AccountId", ACCOUNT_ID),
        ("AccountDomain", "westeurope.mixedreality.azure.com"),
    ]


def test_no_ms_cv() -> None:
    """If the STS sent no MS-CV, the header is omitted and the field is null."""
    response = _response(ms_cv=None)
    assert "MS-CV" not in response.headers
    assert json.loads(response.get_body())["MsCv"] is None


def test_an_unknown_lifetime() -> None:
    """If the token's expiry can't be read, both of its fields are null, and the response still has an Age."""
    response = _response(7, lifetime_s=None)
    body = json.loads(response.get_body())
    assert (body["ExpiresOn"], body["ExpiresIn"]) == (None, None)
    assert response.headers["Age"] == "7"


@pytest.mark.parametrize(
    ("age_s", "expires_in_s"),
    [
        pytest.param(0, DAY_S, id="new"),
        pytest.param(0.4, DAY_S - 1, id="never a second too much"),
        pytest.param(DAY_S - 0.5, 0, id="about to expire"),
        pytest.param(DAY_S + 5, 0, id="never negative"),
    ],
)
def test_expires_in(age_s: float, expires_in_s: int) -> None:
    """ExpiresIn is the remaining lifetime at the time of the response, in whole seconds."""
    assert json.loads(_response(age_s).get_body())["ExpiresIn"] == expires_in_s


@pytest.mark.parametrize(
    ("expires_on", "text"),
    [(1, "1970-01-01T00:00:01Z"), (4102444800, "2100-01-01T00:00:00Z"), (253402300799, "9999-12-31T23:59:59Z")],
)
def test_expires_on(expires_on: int, text: str) -> None:
    """ExpiresOn is the token's own exp in UTC, from the first readable second to the last."""
    assert json.loads(_response(lifetime_s=expires_on - ISSUED_ON).get_body())["ExpiresOn"] == text


@pytest.mark.usefixtures("_in_japan")
def test_expires_on_is_utc_in_every_time_zone() -> None:
    """The host's time zone changes nothing."""
    assert json.loads(_response(lifetime_s=1 - ISSUED_ON).get_body())["ExpiresOn"] == "1970-01-01T00:00:01Z"


_VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1)


@given(_VISIBLE, st.none() | _VISIBLE, st.none() | st.integers(1, 10**9), st.floats(0, 1e9))
def test_any_token(value: str, ms_cv: str | None, lifetime_s: int | None, age_s: float) -> None:
    """A token of any visible characters is unchanged in the JSON body."""
    body = json.loads(_response(age_s, value=value, ms_cv=ms_cv, lifetime_s=lifetime_s).get_body())
    assert (body["AccessToken"], body["MsCv"]) == (value, ms_cv)
    assert body["ExpiresIn"] == (None if lifetime_s is None else max(0, math.floor(lifetime_s - age_s)))


def test_each_response_has_its_own_headers() -> None:
    """Two responses with the same token do not change each other's headers."""
    token = CacheHarness().token()
    responses = TokenResponse(token, SETTINGS)
    first = responses.response(CachedToken(token, 1, waited=False), "first")
    responses.response(CachedToken(token, 2, waited=False), "second")
    assert (first.headers["Age"], first.headers["x-ms-request-id"]) == ("1", "first")


def test_the_digest() -> None:
    """The digest in the log is the first 16 hex digits of the token's SHA-256, so an operator can compare tokens."""
    responses = TokenResponse(CacheHarness().token(value="ey"), SETTINGS)
    assert responses.digest == hashlib.sha256(b"ey").hexdigest()[:16]
