"""Tokens that are issued with little life, or with a life that can't be read."""

import pytest

from shared.errors import StsUnavailable, TransientError
from tests.unit.support import CacheHarness, failure_of


@pytest.mark.parametrize("lifetime_s", [1, 29, 30, 600, 899, 900])
async def test_born_spent(lifetime_s: int) -> None:
    """A token issued with no more than ARR_MIN_VALIDITY_SECONDS serves for 30 s or until it ends, then is replaced."""
    stage = CacheHarness()
    token = stage.hold(lifetime_s)
    lasts_s = min(30, lifetime_s)
    stage.clock.tick(lasts_s - 0.1)
    assert (await stage.cache.get()).token is token
    assert len(stage.exchanges) == 1, "a short-lived token must not mean an STS call per request"
    stage.clock.tick(0.1)
    second = stage.token(value="second")
    stage.script = [second]
    assert await stage.cache.get() == (second, 0, True)


async def test_not_born_spent() -> None:
    """A token issued with a second more than ARR_MIN_VALIDITY_SECONDS serves for that second."""
    stage = CacheHarness()
    token = stage.hold(901)
    stage.clock.tick(0.9)
    assert (await stage.cache.get()).token is token
    stage.clock.tick(0.1)
    stage.script = [stage.token()]
    assert (await stage.cache.get()).waited


async def test_born_spent_with_a_quick_refresh() -> None:
    """A short-lived token is not replaced in the background within its 30 s, whatever ARR_REFRESH_AFTER_SECONDS is."""
    stage = CacheHarness(refresh_after_s=1)
    stage.hold(600)
    stage.clock.tick(29)
    await stage.cache.get()
    assert len(stage.exchanges) == 1


async def test_born_spent_is_not_used_through_an_outage() -> None:
    """After its 30 s a short-lived token is spent, and an outage of the STS is told."""
    stage = CacheHarness()
    stage.hold(600)
    stage.clock.tick(30)
    stage.script = [StsUnavailable()]
    assert isinstance(await failure_of(stage.cache.get()), TransientError)


@pytest.mark.parametrize("jitter", ["least", "none", "most"])
async def test_an_unreadable_life(jitter: str) -> None:
    """A token whose expiry can't be read serves for ARR_REFRESH_AFTER_SECONDS and no longer, whatever the jitter."""
    stage = CacheHarness(jitter)
    token = stage.hold(None)
    stage.clock.tick(3599)
    assert (await stage.cache.get(min_validity_s=82_800)).token is token
    stage.clock.tick(1)
    if stage.live:
        await stage.settle(StsUnavailable())
    else:
        stage.script = [StsUnavailable()]
    assert isinstance(await failure_of(stage.cache.get()), StsUnavailable)
