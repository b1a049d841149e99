"""What a caller may ask for."""

import json

import pytest

from tests.unit.api.handler_harness import HandlerHarness
from tests.unit.api.test_audit_log import LINE


@pytest.mark.parametrize("value", ["-1", "82801", "x", ""])
async def test_min_validity_that_cannot_be_read(caplog: pytest.LogCaptureFixture, value: str) -> None:
    """A minValidity out of range is the caller's to mend, and no exchange starts for it."""
    desk = HandlerHarness(caplog)
    response = await desk.ask(minValidity=value)
    assert (response.status_code, json.loads(response.get_body())["code"]) == (400, "invalid-request")
    assert "Retry-After" not in response.headers
    assert [LINE.fullmatch(line) is not None for line in desk.lines] == [True]
    assert len(desk.stage.exchanges) == 1


async def test_wishes_reach_the_cache(caplog: pytest.LogCaptureFixture) -> None:
    """A request's minValidity and no-cache are what the token cache goes by."""
    desk = HandlerHarness(caplog)
    desk.stage.clock.tick(3000)
    desk.stage.script = [desk.stage.token(80_000)]
    assert (await desk.ask({"Cache-Control": "no-cache"})).headers["Age"] == "0"
    desk.stage.clock.tick(3000)
    assert (await desk.ask(minValidity="77000")).headers["Age"] == "3000"
    desk.stage.script = [desk.stage.token(80_000)]
    assert (await desk.ask(minValidity="77001")).headers["Age"] == "0"
