"""Callers, wrong settings and unexpected exceptions."""

import json

import pytest

from shared.api.audit_log import AuditLog
from shared.api.handler import MisconfiguredHandler
from shared.errors import Misconfigured
from tests.unit.api.handler_harness import HandlerHarness
from tests.unit.api.test_audit_log import CLIENT_CV, LINE
from tests.unit.api.test_authorization import UNREADABLE, principal
from tests.unit.support import USER_ID, http_request

_SIGN_IN = {"WEBSITE_AUTH_ENABLED": "True"}
_ROLE = _SIGN_IN | {"ARR_REQUIRED_ROLE": "reader"}
_TEXT = "account-key-and-token"


async def test_with_the_role(caplog: pytest.LogCaptureFixture) -> None:
    """A signed-in user with the role gets a token, and the audit line has the user's object id."""
    harness = HandlerHarness(caplog, environ=_ROLE)
    response = await harness.ask(principal(("oid", USER_ID), ("roles", "reader")))
    assert response.status_code == 200
    assert f" caller={USER_ID} source=held " in harness.lines[0]


async def test_without_the_role(caplog: pytest.LogCaptureFixture) -> None:
    """A signed-in user without the role is refused, and the audit line has the user's object id."""
    harness = HandlerHarness(caplog, environ=_ROLE)
    response = await harness.ask(principal(("oid", USER_ID)))
    assert (response.status_code, json.loads(response.get_body())["code"]) == (403, "forbidden")
    (line,) = harness.lines
    assert line.startswith("token-request outcome=forbidden ")
    assert f" caller={USER_ID} source=- ms_cv=- " in line


@pytest.mark.parametrize("headers", [pytest.param({}, id="no principal"), *UNREADABLE])
async def test_not_signed_in(caplog: pytest.LogCaptureFixture, headers: dict[str, str]) -> None:
    """If a role is required, a caller who is not signed in is told how to sign in, and causes one audit line."""
    harness = HandlerHarness(caplog, environ=_ROLE)
    response = await harness.ask(headers)
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, 'Bearer realm="GetArrToken"')
    (line,) = harness.lines
    assert line.startswith("token-request outcome=unauthenticated request_id=request-id caller=- source=- ")


@pytest.mark.parametrize(("environ", "caller"), [({}, "-"), (_SIGN_IN, USER_ID)], ids=["forged", "signed in"])
async def test_without_a_required_role(caplog: pytest.LogCaptureFixture, environ: dict[str, str], caller: str) -> None:
    """Without a required role the caller is only logged, and only while the platform signs users in."""
    harness = HandlerHarness(caplog, environ=environ)
    assert (await harness.ask(principal(("oid", USER_ID)))).status_code == 200
    assert f" caller={caller} " in harness.lines[0]


async def test_the_caller_is_checked_first(caplog: pytest.LogCaptureFixture) -> None:
    """A caller who is not allowed to ask learns nothing about the parameters."""
    harness = HandlerHarness(caplog, environ=_ROLE)
    assert (await harness.ask({}, minValidity="x")).status_code == 401
    assert (await harness.ask(principal(("oid", USER_ID), ("roles", "reader")), minValidity="x")).status_code == 400
    assert f"outcome=invalid-request request_id=request-id caller={USER_ID} " in harness.lines[1]


async def test_a_forged_correlation_vector(caplog: pytest.LogCaptureFixture) -> None:
    """An MS-CV header that is not well-formed is neither logged nor echoed."""
    harness = HandlerHarness(caplog)
    response = await harness.ask({"MS-CV": "forged outcome=ok"})
    assert "forged" not in caplog.text
    assert "forged" not in str(dict(response.headers))
    assert "client_cv=- " in harness.lines[0]


@pytest.mark.parametrize("value", ["ey\ud800", "ey\u00e9"], ids=["surrogate", "not ASCII"])
async def test_a_response_that_cannot_be_made(caplog: pytest.LogCaptureFixture, value: str) -> None:
    """A bug after the cache is an internal error, without the token in the log."""
    harness = HandlerHarness(caplog)
    harness.cache_harness.clock.tick(3600)
    harness.cache_harness.script = [harness.cache_harness.token(value=f"{value}{_TEXT}")]
    harness.cache_harness.cache.ensure_exchange("refresh")
    response = await harness.ask()
    assert (response.status_code, json.loads(response.get_body())["code"]) == (500, "internal-error")
    assert _TEXT not in caplog.text
    exchange, error, audit = harness.lines
    assert exchange.startswith("exchange outcome=ok ")
    assert error.startswith("internal-error kind=UnicodeEncodeError at=token_response.py:")
    assert LINE.fullmatch(audit)


async def test_an_unexpected_exception(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected exception gets a response; the log has its class and place, and nothing has its text."""
    harness = HandlerHarness(caplog)

    def broken() -> None:
        raise LookupError(_TEXT)

    monkeypatch.setattr(harness.cache_harness.cache, "get", lambda **_: broken())
    response = await harness.ask({"MS-CV": CLIENT_CV})
    assert (response.status_code, json.loads(response.get_body())["code"]) == (500, "internal-error")
    assert response.headers["x-ms-request-id"] == "request-id"
    assert _TEXT not in caplog.text + response.get_body().decode()
    error, audit = harness.lines
    assert error.startswith("internal-error kind=LookupError at=test_handler_callers.py:")
    assert audit.startswith("token-request outcome=internal-error request_id=request-id caller=- source=- ms_cv=- ")
    assert f" client_cv={CLIENT_CV} " in audit
    assert " at=test_handler_callers.py:" in audit
    assert [record.exc_info for record in caplog.records] == [None, None]


async def test_misconfigured(caplog: pytest.LogCaptureFixture) -> None:
    """With wrong settings each response has all of them, and they are logged before the audit line."""
    caplog.set_level("DEBUG")
    handler = MisconfiguredHandler(Misconfigured(("ONE must be x", "TWO must be y")), AuditLog())
    for _ in range(2):
        response = await handler.answer(http_request({"MS-CV": CLIENT_CV}), "request-id")
        body = json.loads(response.get_body())
        assert (response.status_code, body["code"], body["requestId"]) == (500, "misconfigured", "request-id")
        assert "ONE must be x; TWO must be y" in body["detail"]
        assert "Retry-After" not in response.headers
    lines = [record.getMessage() for record in caplog.records]
    assert lines[::2] == ["misconfigured: ONE must be x; TWO must be y"] * 2
    assert all(LINE.fullmatch(line) for line in lines[1::2])
    fields = f" request_id=request-id caller=- source=- ms_cv=- client_cv={CLIENT_CV} "
    assert all(fields in line for line in lines[1::2])
