"""The table of contract section 5: usable, stale, not usable. test_cache_*.py cover the other rules."""

import pytest

from tests.unit.support import DAY_S, CacheHarness


@pytest.mark.parametrize(
    ("age_s", "triggers"),
    [
        pytest.param(0, [], id="new"),
        pytest.param(3599, [], id="a second before it is stale"),
        pytest.param(3600, ["refresh"], id="stale at ARR_REFRESH_AFTER_SECONDS"),
        pytest.param(DAY_S - 901, ["refresh"], id="a second before it is no longer usable"),
    ],
)
async def test_a_usable_token_is_served_at_once(age_s: int, triggers: list[str]) -> None:
    """No request waits while the cached token is usable; a stale one is refreshed in the background."""
    harness = CacheHarness()
    token = harness.fill()
    harness.clock.tick(age_s)
    assert await harness.get() == (token, age_s, False)
    assert [exchange.trigger for exchange in harness.live] == triggers


@pytest.mark.parametrize("age_s", [DAY_S - 900, DAY_S], ids=["900 s left", "expired"])
async def test_a_token_that_is_not_usable_is_replaced_first(age_s: int) -> None:
    """At ARR_MIN_VALIDITY_SECONDS before its end the token is not handed out: a request waits for the next one."""
    harness = CacheHarness()
    harness.fill()
    harness.clock.tick(age_s)
    second = harness.token(value="second")
    harness.script = [second]
    assert await harness.get() == (second, 0, True)
    assert harness.exchanges[-1].trigger == "request"


async def test_no_token_cached() -> None:
    """The first request waits for the exchange that loading has started, and gets its token."""
    harness = CacheHarness()
    harness.cache.ensure_exchange("load")
    token = harness.token()
    assert await harness.together(harness.get(), result=token) == [(token, 0, True)]
    assert [exchange.trigger for exchange in harness.exchanges] == ["load"]


@pytest.mark.parametrize(
    ("jitter", "age_s"),
    [pytest.param("least", 3240, id="a tenth earlier"), pytest.param("most", 3960, id="a tenth later")],
)
async def test_the_refresh_is_jittered(jitter: str, age_s: int) -> None:
    """Workers that started together refresh at different times, at most a tenth apart from the setting."""
    harness = CacheHarness(jitter)
    harness.fill()
    harness.clock.tick(age_s - 1)
    await harness.get()
    assert not harness.live
    harness.clock.tick(2)
    await harness.get()
    assert len(harness.live) == 1


async def test_a_refresh_replaces_the_token() -> None:
    """After the background exchange requests get the new token, and it is not refreshed again."""
    harness = CacheHarness()
    harness.fill()
    harness.clock.tick(3600)
    await harness.get()
    token = harness.token(value="second")
    await harness.complete(token)
    assert await harness.get() == (token, 0, False)
    assert not harness.live


@pytest.mark.parametrize(
    ("monotonic_s", "wall_s"),
    [pytest.param(0, DAY_S, id="paused host"), pytest.param(DAY_S, -DAY_S, id="clock set back")],
)
async def test_the_age_is_the_larger_one(monotonic_s: int, wall_s: int) -> None:
    """Neither a paused host nor a clock that is set back lets an expired token out."""
    harness = CacheHarness()
    harness.fill()
    harness.clock.monotonic += monotonic_s
    harness.clock.wall += wall_s
    second = harness.token(value="second")
    harness.script = [second]
    assert (await harness.get()).token is second


async def test_a_finished_exchange_is_reported() -> None:
    """The log line of an exchange has its trigger, its duration and its key."""
    harness = CacheHarness()
    harness.cache.ensure_exchange("load")
    harness.exchanges[0].progress.key = "2/2"
    harness.exchanges[0].progress.skipped.append("sts:401")
    harness.clock.tick(0.5)
    token = harness.token()
    await harness.complete(token)
    assert harness.finished == [("load", token, 0.5, "2/2", ("sts:401",))]
