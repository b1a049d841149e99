"""shared.upstreams.sts with bodies that make no sense; tests/fuzz tries any body."""

import base64
import json
from collections.abc import Iterator

import pytest

from shared.errors import ArrTokenError, StsInvalidResponse, StsUnavailable
from shared.formats import is_visible_ascii
from shared.secret import Secret
from shared.tokens.issued_token import IssuedToken
from shared.upstreams.sts import Sts
from tests.unit.support import ACCOUNT_ID
from tests.unit.upstreams.harness import Way
from tests.unit.upstreams.server import Server, answer

_LAST = 253_402_300_799


def _jwt(payload: bytes) -> str:
    return f"e30.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.c2ln"


@pytest.fixture(scope="module")
def sts_line() -> Iterator[tuple[Server, Sts]]:
    """Return one STS for all examples, with a server whose answer can be changed."""
    with Server(answer()) as server, Way(60) as way:
        yield server, Sts(f"http://{server.address}", ACCOUNT_ID, way.connections, keyless=False)


def _outcome(sts_line: tuple[Server, Sts], body: bytes, *headers: str) -> IssuedToken | ArrTokenError:
    server, sts = sts_line
    server.then(answer(200, body, *headers))
    try:
        issued = sts.issue(Secret("id:key"))
    except StsInvalidResponse as error:
        return error
    _check(issued)
    return issued


def _check(issued: IssuedToken) -> None:
    assert is_visible_ascii(issued.value)
    assert issued.expires_on is None or (type(issued.expires_on) is int and 1 <= issued.expires_on <= _LAST)
    assert issued.lifetime_s is None or (type(issued.lifetime_s) is int and issued.lifetime_s > 0)
    assert issued.lifetime_s is None or issued.expires_on is not None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"AccessToken": "x"' + b" " * 65_000, id="cut off"),
        pytest.param(b'{"AccessToken":' * 4_000, id="objects within objects"),
        pytest.param(b"[" * 65_000, id="brackets"),
        pytest.param(b'{"AccessToken": "a", "AccessToken": null}', id="twice"),
        pytest.param(b'{"AccessToken": ' + b"1" * 5_000 + b"}", id="more digits than Python reads"),
        pytest.param(b'{"AccessToken": "\\ud800"}', id="half of a surrogate pair"),
        pytest.param(b'{"AccessToken": "\xff"}', id="no UTF-8"),
        pytest.param(b'{"AccessToken": "a b"}', id="a space"),
        pytest.param('{"AccessToken": "\u00fc"}'.encode(), id="not ASCII"),
    ],
)
def test_an_unusable_body_is_an_invalid_response(sts_line: tuple[Server, Sts], body: bytes) -> None:
    """A 200 without a usable token is a problem of the STS, never another error."""
    assert isinstance(_outcome(sts_line, body), StsInvalidResponse)


@pytest.mark.parametrize("token", ["x", "ey.J.x", "~!", "a" * 60_000])
def test_any_visible_ascii_is_a_token(sts_line: tuple[Server, Sts], token: str) -> None:
    """A token that is not a JWT is handed out as it is."""
    outcome = _outcome(sts_line, json.dumps({"AccessToken": token}).encode())
    assert isinstance(outcome, IssuedToken)
    assert (outcome.value, outcome.expires_on, outcome.lifetime_s) == (token, None, None)


@pytest.mark.parametrize(
    ("payload", "date"),
    [
        pytest.param(b'{"exp": 1e400}', None, id="infinity"),
        pytest.param(b'{"exp": ' + b"9" * 5_000 + b"}", None, id="more digits than Python reads"),
        pytest.param(b"{" * 30_000, None, id="brackets"),
        pytest.param(b"\xff", None, id="no UTF-8"),
        pytest.param(b'{"exp": true, "iat": [1]}', None, id="no numbers"),
        pytest.param(b'{"exp": %d, "iat": 1}' % (_LAST + 1), None, id="after the last second"),
        pytest.param(b'{"exp": %d, "iat": 1}' % _LAST, "Mon, 01 Jan 0001 00:00:00 +2359", id="before the year 1"),
        pytest.param(b'{"exp": %d, "iat": 1}' % _LAST, "1 Jan 1 0:0 +99999999999", id="no such time zone"),
    ],
)
def test_an_unreadable_lifetime_does_not_spoil_a_token(
    sts_line: tuple[Server, Sts], payload: bytes, date: str | None
) -> None:
    """A token whose own claims or whose Date make no sense is handed out; what is said of its lifetime makes sense."""
    headers = [] if date is None else [f"Date: {date}"]
    token = json.dumps({"AccessToken": _jwt(payload)}).encode()
    assert isinstance(_outcome(sts_line, token, *headers), IssuedToken)


def test_an_answer_of_another_protocol_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no HTTP has no status, hence nothing that an operator could mend."""
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))
    with Server(b"\x00\xff\r\n\r\n") as server, Way() as way:
        sts = Sts(f"http://{server.address}", ACCOUNT_ID, way.connections, keyless=False)
        with pytest.raises(StsUnavailable):
            sts.issue(Secret("id:key"))
