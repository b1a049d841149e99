"""One request from its headers to its audit line."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import azure.functions as func
import pytest

from shared.api.handler import Handler
from shared.api.token_response import TokenResponse
from shared.errors import AccountKeyRejected, StsThrottled, UpstreamTimeout
from shared.settings import read_settings
from tests.unit.api.handler_harness import HandlerHarness
from tests.unit.api.test_audit_log import LINE
from tests.unit.support import ACCOUNT_ID, DAY_S, ENVIRONMENT, MS_CV, CacheHarness

TOKEN = "eyJhbGciOi.TOKEN.c2lnbmF0dXJl"


@pytest.fixture
def desk(caplog: pytest.LogCaptureFixture) -> Iterator[HandlerHarness]:
    """A desk with a held token; no test may have its token in the log."""
    yield HandlerHarness(caplog, value=TOKEN)
    assert TOKEN not in caplog.text


def _code(response: func.HttpResponse) -> tuple[int, str]:
    return response.status_code, json.loads(response.get_body())["code"]


async def test_a_held_token(desk: HandlerHarness) -> None:
    """A request is answered with the held token, and one audit line says so without the token."""
    desk.stage.clock.tick(60)
    response = await desk.ask({"MS-CV": "tul4NUsfs9Cl7mOf.1"})
    body = json.loads(response.get_body())
    assert (response.status_code, body["AccessToken"], body["ExpiresIn"]) == (200, TOKEN, DAY_S - 60)
    assert body["AccountId"] == ACCOUNT_ID
    assert response.headers["x-ms-request-id"] == "request-id"
    (line,) = desk.lines
    assert LINE.fullmatch(line)
    assert line.startswith(
        f"token-request outcome=ok caller=- source=held ms_cv={MS_CV} client_cv=tul4NUsfs9Cl7mOf.1 "
        f"expires_in={DAY_S - 60} age=60 token_sha256="
    )


async def test_an_issued_token(desk: HandlerHarness) -> None:
    """The audit line tells who waited for an exchange from who did not; the exchange's line stands before it."""
    desk.stage.clock.tick(DAY_S)
    desk.stage.script = [desk.stage.token(None, TOKEN)]
    assert (await desk.ask()).status_code == 200
    exchange, audit = desk.lines
    assert exchange == f"exchange outcome=ok upstream=- status=- kind=- ms_cv={MS_CV} started=request seconds=0.000"
    assert " source=issued " in audit
    assert " expires_in=- age=0 " in audit
    assert {record.levelname for record in desk.caplog.records} == {"INFO"}


async def test_a_new_token_is_answered_as_such(desk: HandlerHarness) -> None:
    """After a refresh no request gets anything of the old token."""
    old = json.loads((await desk.ask()).get_body())
    desk.stage.clock.tick(3600)
    desk.stage.script = [desk.stage.token(value="ey.NEW", ms_cv="new")]
    await desk.ask()
    response = await desk.ask()
    body = json.loads(response.get_body())
    assert (body["AccessToken"], body["MsCv"], response.headers["MS-CV"]) == ("ey.NEW", "new", "new")
    assert old["AccessToken"] == TOKEN
    assert len({line.split("token_sha256=")[1] for line in desk.lines if "sha256" in line}) == 2


async def test_a_token_is_written_out_once(desk: HandlerHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not change while a token is held is not computed anew for each request."""
    written: list[TokenResponse] = []

    def write(*of: Any) -> TokenResponse:
        written.append(TokenResponse(*of))
        return written[-1]

    monkeypatch.setattr("shared.api.handler.TokenResponse", write)
    for _ in range(3):
        await desk.ask()
    assert len(written) == 1


async def test_a_failure(desk: HandlerHarness) -> None:
    """A failure is answered as its problem with the STS's MS-CV, and logged with it, after the exchange's line."""
    desk.stage.clock.tick(DAY_S)
    desk.stage.script = [AccountKeyRejected(ms_cv=MS_CV, upstream="sts", upstream_status=401, kind="status")]
    response = await desk.ask()
    assert _code(response) == (502, "account-key-rejected")
    assert (response.headers["MS-CV"], "Retry-After" in response.headers) == (MS_CV, False)
    exchange, audit = desk.lines
    assert exchange.startswith(
        f"exchange outcome=account-key-rejected upstream=sts status=401 kind=status ms_cv={MS_CV} "
    )
    assert audit.startswith(f"token-request outcome=account-key-rejected caller=- source=- ms_cv={MS_CV} ")
    assert [record.levelname for record in desk.caplog.records] == ["WARNING", "INFO"]


async def test_a_failure_for_many(desk: HandlerHarness) -> None:
    """A hundred requests that share a failed exchange write its line once, and an audit line each."""
    desk.stage.clock.tick(DAY_S)
    throttled = StsThrottled(retry_after_s=7)
    asked = [asyncio.create_task(desk.ask()) for _ in range(100)]
    await asyncio.gather(*asked, desk.stage.settle(throttled))
    assert {task.result().headers["Retry-After"] for task in asked} == {"7"}
    assert [line.split()[0] for line in desk.lines] == ["exchange"] + ["token-request"] * 100


async def test_out_of_patience(desk: HandlerHarness) -> None:
    """A request whose exchange is still under way is told so, and the exchange's line comes with a later request."""
    desk.stage = CacheHarness(max_wait_s=0.02)
    desk.handler = Handler(read_settings(ENVIRONMENT), desk.stage.cache)
    response = await desk.ask()
    assert _code(response) == (504, "upstream-timeout")
    assert response.headers["Retry-After"] == "1"
    await desk.stage.settle(UpstreamTimeout())
    await desk.ask()
    assert [line.split()[0] for line in desk.lines] == ["token-request", "exchange", "token-request"]


async def test_the_journal_waits_for_any_request(desk: HandlerHarness) -> None:
    """A caller's own mistake does not keep the queued exchanges from the log."""
    desk.stage.clock.tick(3600)
    desk.stage.script = [AccountKeyRejected()]
    desk.stage.cache.start("refresh")
    await desk.ask(minValidity="x")
    assert [line.split()[0] for line in desk.lines] == ["exchange", "token-request"]
