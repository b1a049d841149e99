"""Whatever the STS sends, there is a token or one of our errors."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.errors import ArrTokenError, StsInvalidResponse, StsUnavailable
from shared.formats import is_visible_ascii
from shared.secret import Secret
from shared.tokens.issued_token import IssuedToken
from shared.upstreams.sts import Sts
from tests.unit.support import ACCOUNT_ID
from tests.unit.upstreams.harness import Way
from tests.unit.upstreams.server import Server, answer

_LAST = 253_402_300_799
_DATES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.integers(_LAST - 2, _LAST + 2),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.integers(0, 10**13).map(str),
    st.lists(st.integers(), max_size=2),
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def _jwt(payload: bytes) -> str:
    return f"e30.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.c2ln"


@pytest.fixture(scope="module")
def sts_line() -> Iterator[tuple[Server, Sts]]:
    """Give one STS for all examples, with a server whose answer can be changed."""
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


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=200) | _JSON.map(lambda value: json.dumps(value).encode()))
@example(body=b'{"AccessToken": "x"' + b" " * 65_000)
@example(body=b'{"AccessToken":' * 4_000)
@example(body=b"[" * 65_000)
@example(body=b'{"AccessToken": "a", "AccessToken": null}')
@example(body=b'{"AccessToken": ' + b"1" * 5_000 + b"}")
@example(body='{"AccessToken": "x"}'.encode("utf-16"))
@example(body=b'{"AccessToken": "\\ud800"}')
@example(body=b'{"AccessToken": "\xff"}')
def test_any_body_is_a_token_or_an_invalid_response(sts_line: tuple[Server, Sts], body: bytes) -> None:
    """Bytes of any kind never raise anything else, and never become a token that is no header value."""
    _outcome(sts_line, body)


@settings(max_examples=150, deadline=None)
@given(token=_JSON | st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1))
def test_any_token_is_handed_out_as_it_is_or_not_at_all(sts_line: tuple[Server, Sts], token: object) -> None:
    """Visible ASCII of any form is a token; nothing else is."""
    outcome = _outcome(sts_line, json.dumps({"AccessToken": token}).encode())
    if isinstance(token, str) and token and all("\x21" <= character <= "\x7e" for character in token):
        assert isinstance(outcome, IssuedToken)
        assert outcome.value == token
    else:
        assert isinstance(outcome, ArrTokenError)


@settings(max_examples=150, deadline=None)
@given(payload=st.binary(max_size=100) | _JSON.map(lambda value: json.dumps(value).encode()))
@example(payload=b'{"exp": 1e400}')
@example(payload=b'{"exp": ' + b"9" * 5_000 + b"}")
@example(payload=b"{" * 30_000)
def test_any_payload_is_a_token(sts_line: tuple[Server, Sts], payload: bytes) -> None:
    """What a token says of itself can't keep it from being handed out, unless it says that it has ended."""
    outcome = _outcome(sts_line, json.dumps({"AccessToken": _jwt(payload)}).encode())
    assert isinstance(outcome, IssuedToken) or outcome.kind == "expired"


@settings(max_examples=200, deadline=None)
@given(exp=_DATES, iat=_DATES, date=st.none() | st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
@example(exp=17, iat=7, date="Thu, 01 Jan 1970 00:00:07 GMT")
@example(exp=_LAST, iat=1, date="Fri, 31 Dec 9999 23:59:59 -2359")
@example(exp=_LAST, iat=1, date="Mon, 01 Jan 0001 00:00:00 +2359")
@example(exp=_LAST, iat=1, date="1 Jan 1 0:0 +99999999999")
def test_any_dates_give_a_life_that_makes_sense(
    sts_line: tuple[Server, Sts], exp: Any, iat: Any, date: str | None
) -> None:
    """A life is a whole number of seconds, more than none, of a token whose end is known."""
    headers = [] if date is None else [f"Date: {date}"]
    _outcome(
        sts_line, json.dumps({"AccessToken": _jwt(json.dumps({"exp": exp, "iat": iat}).encode())}).encode(), *headers
    )


def test_an_answer_of_another_protocol_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no HTTP has no status, hence nothing that an operator could mend."""
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))
    with Server(b"\x00\xff\r\n\r\n") as server, Way() as way:
        sts = Sts(f"http://{server.address}", ACCOUNT_ID, way.connections, keyless=False)
        with pytest.raises(StsUnavailable):
            sts.issue(Secret("id:key"))
