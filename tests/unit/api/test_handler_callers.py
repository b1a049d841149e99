"""Who asks, and what nobody expected."""

import json
import logging

import pytest

from shared.api.handler import MisconfiguredHandler
from shared.errors import Misconfigured
from tests.unit.api.handler_harness import HandlerHarness
from tests.unit.api.test_audit_log import LINE
from tests.unit.api.test_authorization import UNREADABLE, principal
from tests.unit.support import USER_ID, http_request

_SIGN_IN = {"WEBSITE_AUTH_ENABLED": "True"}
_ROLE = _SIGN_IN | {"ARR_REQUIRED_ROLE": "reader"}
_TEXT = "account-key-and-token"


async def test_with_the_role(caplog: pytest.LogCaptureFixture) -> None:
    """A signed-in user with the role gets a token, and the audit line names the user's object id."""
    desk = HandlerHarness(caplog, **_ROLE)
    response = await desk.ask(principal(("oid", USER_ID), ("roles", "reader")))
    assert response.status_code == 200
    assert f"outcome=ok caller={USER_ID} source=held " in desk.lines[0]


async def test_without_the_role(caplog: pytest.LogCaptureFixture) -> None:
    """A signed-in user without the role is refused, and the audit line names whom."""
    desk = HandlerHarness(caplog, **_ROLE)
    response = await desk.ask(principal(("oid", USER_ID)))
    assert (response.status_code, json.loads(response.get_body())["code"]) == (403, "forbidden")
    (line,) = desk.lines
    assert line.startswith(f"token-request outcome=forbidden caller={USER_ID} source=- ms_cv=- ")


@pytest.mark.parametrize("headers", [pytest.param({}, id="nobody"), *UNREADABLE])
async def test_nobody_signed_in(caplog: pytest.LogCaptureFixture, headers: dict[str, str]) -> None:
    """Where a role is required, who is not signed in is told how, and gets one audit line."""
    desk = HandlerHarness(caplog, **_ROLE)
    response = await desk.ask(headers)
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, 'Bearer realm="GetArrToken"')
    (line,) = desk.lines
    assert line.startswith("token-request outcome=unauthenticated caller=- source=- ")


@pytest.mark.parametrize(("environ", "caller"), [({}, "-"), (_SIGN_IN, USER_ID)], ids=["forged", "signed in"])
async def test_without_a_required_role(caplog: pytest.LogCaptureFixture, environ: dict[str, str], caller: str) -> None:
    """Without a required role the caller is only logged, and only while the platform signs users in."""
    desk = HandlerHarness(caplog, **environ)
    assert (await desk.ask(principal(("oid", USER_ID)))).status_code == 200
    assert f" caller={caller} " in desk.lines[0]


async def test_the_caller_is_checked_first(caplog: pytest.LogCaptureFixture) -> None:
    """Who may not ask learns nothing of the parameters; who may is named with the mistake."""
    desk = HandlerHarness(caplog, **_ROLE)
    assert (await desk.ask({}, minValidity="x")).status_code == 401
    assert (await desk.ask(principal(("oid", USER_ID), ("roles", "reader")), minValidity="x")).status_code == 400
    assert f"outcome=invalid-request caller={USER_ID} " in desk.lines[1]


async def test_a_forged_correlation_vector(caplog: pytest.LogCaptureFixture) -> None:
    """A correlation vector that is none is neither logged nor echoed."""
    desk = HandlerHarness(caplog)
    response = await desk.ask({"MS-CV": "forged outcome=ok"})
    assert "forged" not in caplog.text
    assert "forged" not in str(dict(response.headers))
    assert "client_cv=- " in desk.lines[0]


@pytest.mark.parametrize("value", ["ey\ud800", "ey\u00e9"], ids=["surrogate", "not ASCII"])
async def test_an_answer_that_cannot_be_made(caplog: pytest.LogCaptureFixture, value: str) -> None:
    """A bug behind the cache is an internal error, without the token in the log."""
    desk = HandlerHarness(caplog)
    desk.stage.clock.tick(3600)
    desk.stage.script = [desk.stage.token(value=f"{value}{_TEXT}")]
    desk.stage.cache.start("refresh")
    response = await desk.ask()
    assert (response.status_code, json.loads(response.get_body())["code"]) == (500, "internal-error")
    assert _TEXT not in caplog.text
    error, exchange, audit = desk.lines
    assert error.startswith("internal-error kind=UnicodeEncodeError at=token_response.py:")
    assert exchange.startswith("exchange outcome=ok ")
    assert LINE.fullmatch(audit)


async def test_an_unexpected_exception(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that nobody expected gets an answer; the log has its class and place, and nobody its text."""
    desk = HandlerHarness(caplog)

    def broken() -> None:
        raise LookupError(_TEXT)

    monkeypatch.setattr(desk.stage.cache, "get", lambda **_: broken())
    response = await desk.ask({"MS-CV": "tul4NUsfs9Cl7mOf.1"})
    assert (response.status_code, json.loads(response.get_body())["code"]) == (500, "internal-error")
    assert response.headers["x-ms-request-id"] == "request-id"
    assert _TEXT not in caplog.text + response.get_body().decode()
    error, audit = desk.lines
    assert error.startswith("internal-error kind=LookupError at=test_handler_callers.py:")
    assert audit.startswith(
        "token-request outcome=internal-error caller=- source=- ms_cv=- client_cv=tul4NUsfs9Cl7mOf.1 "
    )
    assert [record.exc_info for record in caplog.records] == [None, None]


async def test_misconfigured(caplog: pytest.LogCaptureFixture) -> None:
    """With bad settings each request is told all of them, and each logs them once before its audit line."""
    caplog.set_level(logging.DEBUG)
    handler = MisconfiguredHandler(Misconfigured(problems=("ONE must be x", "TWO must be y")))
    for _ in range(2):
        response = await handler.answer(http_request({"MS-CV": "tul4NUsfs9Cl7mOf.1"}), "request-id")
        body = json.loads(response.get_body())
        assert (response.status_code, body["code"], body["requestId"]) == (500, "misconfigured", "request-id")
        assert "ONE must be x; TWO must be y" in body["detail"]
        assert "Retry-After" not in response.headers
    lines = [record.getMessage() for record in caplog.records]
    assert lines[::2] == ["misconfigured: ONE must be x; TWO must be y"] * 2
    assert all(LINE.fullmatch(line) and " client_cv=tul4NUsfs9Cl7mOf.1 " in line for line in lines[1::2])
