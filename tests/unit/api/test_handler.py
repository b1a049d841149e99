"""shared.api.handler: one request from its headers to its audit line. test_handler_callers.py covers the callers."""

import asyncio
import json
from collections.abc import Iterator

import azure.functions as func
import pytest

from shared.errors import AccountKeyRejected, Misconfigured, StsThrottled, UpstreamTimeout
from tests.unit.api.handler_harness import HandlerHarness
from tests.unit.api.test_audit_log import CLIENT_CV, LINE
from tests.unit.support import ACCOUNT_ID, DAY_S, MS_CV

TOKEN = "eyJhbGciOi.TOKEN.c2lnbmF0dXJl"


@pytest.fixture
def harness(caplog: pytest.LogCaptureFixture) -> Iterator[HandlerHarness]:
    """A handler with a cached token; no test may have this token in the log."""
    yield HandlerHarness(caplog, value=TOKEN)
    assert TOKEN not in caplog.text


def _code(response: func.HttpResponse) -> tuple[int, str]:
    return response.status_code, json.loads(response.get_body())["code"]


async def test_a_cached_token(harness: HandlerHarness) -> None:
    """A request gets the cached token, and one audit line says so without the token."""
    harness.cache_harness.clock.tick(60)
    response = await harness.ask({"MS-CV": CLIENT_CV})
    body = json.loads(response.get_body())
    assert (response.status_code, body["AccessToken"], body["ExpiresIn"]) == (200, TOKEN, DAY_S - 60)
    assert body["AccountId"] == ACCOUNT_ID
    assert response.headers["x-ms-request-id"] == "request-id"
    (line,) = harness.lines
    assert LINE.fullmatch(line)
    assert line.startswith(
        f"token-request outcome=ok request_id=request-id caller=- source=held ms_cv={MS_CV} client_cv={CLIENT_CV} "
        f"expires_in={DAY_S - 60} age=60 token_sha256="
    )


async def test_an_issued_token(harness: HandlerHarness) -> None:
    """The audit line says that the request waited for an exchange, whose line stands before it."""
    harness.cache_harness.clock.tick(DAY_S)
    harness.cache_harness.script = [harness.cache_harness.token(None, TOKEN)]
    assert (await harness.ask()).status_code == 200
    exchange, audit = harness.lines
    assert exchange.startswith("exchange outcome=ok ")
    assert " source=issued " in audit
    assert " expires_in=- age=0 " in audit


async def test_a_new_token_replaces_the_old_response(harness: HandlerHarness) -> None:
    """After a refresh no request gets anything of the old token."""
    old = json.loads((await harness.ask()).get_body())
    harness.cache_harness.clock.tick(3600)
    harness.cache_harness.script = [harness.cache_harness.token(value="ey.NEW", ms_cv="new")]
    await harness.ask()
    response = await harness.ask()
    body = json.loads(response.get_body())
    assert (body["AccessToken"], body["MsCv"], response.headers["MS-CV"]) == ("ey.NEW", "new", "new")
    assert old["AccessToken"] == TOKEN
    assert len({line.split("token_sha256=")[1] for line in harness.lines if "sha256" in line}) == 2


async def test_a_failure(harness: HandlerHarness) -> None:
    """A failure becomes its problem with the STS's MS-CV, and is logged with it after the exchange's line."""
    harness.cache_harness.clock.tick(DAY_S)
    rejected = AccountKeyRejected(ms_cv=MS_CV, upstream="sts", upstream_status=401, kind="status")
    harness.cache_harness.script = [rejected]
    response = await harness.ask()
    assert _code(response) == (502, "account-key-rejected")
    assert (response.headers["MS-CV"], "Retry-After" in response.headers) == (MS_CV, False)
    exchange, audit = harness.lines
    assert exchange.startswith("exchange outcome=account-key-rejected upstream=sts status=401 kind=status ")
    assert audit.startswith("token-request outcome=account-key-rejected request_id=request-id caller=- source=- ")
    assert f" ms_cv={MS_CV} " in audit
    assert [record.levelname for record in harness.caplog.records] == ["WARNING", "INFO"]


async def test_a_failure_for_many(harness: HandlerHarness) -> None:
    """A hundred requests that share a failed exchange write its line once, and an audit line each."""
    harness.cache_harness.clock.tick(DAY_S)
    requests = [asyncio.create_task(harness.ask()) for _ in range(100)]
    await asyncio.gather(*requests, harness.cache_harness.complete(StsThrottled(retry_after_s=7)))
    assert {task.result().headers["Retry-After"] for task in requests} == {"7"}
    assert [line.split()[0] for line in harness.lines] == ["exchange"] + ["token-request"] * 100


async def test_a_setting_that_only_an_exchange_can_check(harness: HandlerHarness) -> None:
    """A CA file that can't be read is named to the caller and in the log, like every other wrong setting."""
    harness.cache_harness.clock.tick(DAY_S)
    harness.cache_harness.script = [Misconfigured(("REQUESTS_CA_BUNDLE must name a file",), upstream="key-vault")]
    response = await harness.ask()
    assert _code(response) == (500, "misconfigured")
    assert "REQUESTS_CA_BUNDLE must name a file" in json.loads(response.get_body())["detail"]
    exchange, error, audit = harness.lines
    assert exchange.startswith("exchange outcome=misconfigured upstream=key-vault status=- kind=settings ")
    assert error == "misconfigured: REQUESTS_CA_BUNDLE must name a file"
    assert LINE.fullmatch(audit)


async def test_a_request_that_stops_waiting(caplog: pytest.LogCaptureFixture) -> None:
    """A request whose exchange takes too long gets a time-out; the exchange's line comes with a later request."""
    harness = HandlerHarness(caplog, max_wait_s=0.02)
    harness.cache_harness.clock.tick(DAY_S)
    response = await harness.ask()
    assert _code(response) == (504, "upstream-timeout")
    assert response.headers["Retry-After"] == "1"
    await harness.cache_harness.complete(UpstreamTimeout())
    await harness.ask()
    assert [line.split()[0] for line in harness.lines] == ["token-request", "exchange", "token-request"]


@pytest.mark.parametrize("value", ["-1", "82801", "x", ""])
async def test_min_validity_that_cannot_be_read(harness: HandlerHarness, value: str) -> None:
    """A wrong minValidity is the caller's to correct: no exchange starts, and queued log lines are written."""
    harness.cache_harness.clock.tick(3600)
    harness.cache_harness.script = [AccountKeyRejected()]
    harness.cache_harness.cache.ensure_exchange("refresh")
    response = await harness.ask(minValidity=value)
    assert _code(response) == (400, "invalid-request")
    assert "Retry-After" not in response.headers
    assert [line.split()[0] for line in harness.lines] == ["exchange", "token-request"]
    assert LINE.fullmatch(harness.lines[1])
    assert len(harness.cache_harness.exchanges) == 2


async def test_parameters_reach_the_cache(harness: HandlerHarness) -> None:
    """A request's minValidity and no-cache decide whether it gets the cached token or a new one."""
    cache_harness = harness.cache_harness
    cache_harness.clock.tick(3000)
    cache_harness.script = [cache_harness.token(80_000)]
    assert (await harness.ask({"Cache-Control": "no-cache"})).headers["Age"] == "0"
    cache_harness.clock.tick(3000)
    assert (await harness.ask(minValidity="77000")).headers["Age"] == "3000"
    cache_harness.script = [cache_harness.token(80_000)]
    assert (await harness.ask(minValidity="77001")).headers["Age"] == "0"
