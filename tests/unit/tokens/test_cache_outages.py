"""Requests while an upstream fails: stale-while-revalidate and stale-if-error (RFC 5861)."""

import pytest

from shared.errors import AccountKeyRejected, ArrTokenError, StsUnavailable, UpstreamTimeout
from tests.unit.support import DAY_S, CacheHarness


async def test_a_stale_token_through_an_outage() -> None:
    """While the cached token is usable no caller notices an outage; one exchange is tried after each cool-down."""
    harness = CacheHarness()
    token = harness.fill()
    harness.clock.tick(3600)
    harness.script = [StsUnavailable(), StsUnavailable(), StsUnavailable()]
    for _ in range(50):
        assert (await harness.get()).token is token
    assert len(harness.exchanges) == 2
    harness.clock.tick(1)
    for _ in range(50):
        assert (await harness.get()).token is token
    assert len(harness.exchanges) == 3


@pytest.mark.parametrize("min_validity_s", [0, 82_800])
@pytest.mark.parametrize("failure", [StsUnavailable(), AccountKeyRejected()], ids=str)
async def test_stale_if_error(failure: ArrTokenError, min_validity_s: int) -> None:
    """Callers get a token that is no longer usable, until it expires, if the exchange fails or cools down."""
    harness = CacheHarness(min_validity_s=30)
    token = harness.fill()
    harness.clock.tick(DAY_S - 21)
    harness.script = [failure]
    assert await harness.get(min_validity_s=min_validity_s) == (token, DAY_S - 21, False)
    assert len(harness.exchanges) == 2
    harness.clock.tick(0.5)
    assert await harness.get(min_validity_s=min_validity_s) == (token, DAY_S - 20.5, False)
    assert len(harness.exchanges) == 2


async def test_an_expired_token_is_never_served() -> None:
    """From the second in which the cached token expires callers are told of the outage."""
    harness = CacheHarness()
    token = harness.fill()
    unavailable = StsUnavailable()
    harness.clock.tick(DAY_S - 0.5)
    harness.script = [unavailable]
    assert (await harness.get()).token is token
    harness.clock.tick(0.5)
    assert (await harness.failure()).error is unavailable


async def test_a_hang_with_a_living_token() -> None:
    """A request waits ARR_MAX_WAIT_SECONDS for the exchange and then gets the cached token, until that expires."""
    harness = CacheHarness(max_wait_s=0.02)
    token = harness.fill()
    harness.clock.tick(DAY_S - 21)
    assert await harness.get() == (token, DAY_S - 21, False)
    harness.clock.tick(21)
    failure = await harness.failure()
    assert isinstance(failure.error, UpstreamTimeout)
    assert (failure.error.kind, failure.retry_after_s) == ("wait", 1)


async def test_a_short_lived_token_through_an_outage() -> None:
    """A token of ten minutes is usable for 30 s, and still gets callers through an outage of ten minutes."""
    harness = CacheHarness()
    token = harness.fill(600)
    harness.clock.tick(599)
    harness.script = [StsUnavailable()]
    assert await harness.get() == (token, 599, False)


async def test_a_rejected_token_is_not_served_again() -> None:
    """A caller with no-cache is told of the outage: the same token again would not help. Others still get it."""
    harness = CacheHarness()
    token = harness.fill()
    harness.clock.tick(60)
    unavailable = StsUnavailable()
    harness.script = [unavailable]
    assert await harness.failure(renew=True) == (unavailable, 1)
    assert await harness.failure(renew=True) == (unavailable, 1), "in the cool-down, too"
    assert await harness.get() == (token, 60, False)


async def test_a_rejected_token_in_a_hang() -> None:
    """A caller with no-cache is told if an upstream does not answer in time."""
    harness = CacheHarness(max_wait_s=0.02)
    harness.fill()
    harness.clock.tick(60)
    failure = await harness.failure(renew=True)
    assert isinstance(failure.error, UpstreamTimeout)
    assert failure.retry_after_s == 1
