"""Tokens with a short or an unknown lifetime, and tokens that arrive late. test_lifetimes.py covers the ages."""

import pytest

from shared.errors import StsInvalidResponse, StsUnavailable
from tests.unit.support import CacheHarness


@pytest.mark.parametrize("lifetime_s", [600, 900, 901, 930])
async def test_short_lifetimes_cause_few_exchanges(lifetime_s: int) -> None:
    """If the STS issues little more than ARR_MIN_VALIDITY_SECONDS, a token serves for 30 s, refreshed after 15 s."""
    harness = CacheHarness()
    harness.fill(lifetime_s)
    for _ in range(12):
        harness.clock.tick(5)
        assert not (await harness.get()).waited
        if harness.live:
            await harness.complete(harness.token(lifetime_s))
    assert len(harness.exchanges) == 5, "at load, and every 15 s of 60"


async def test_a_token_that_took_longer_to_come_than_it_is_usable() -> None:
    """Requests that waited get the token that the exchange brought while any life is left in it."""
    harness = CacheHarness()
    token = harness.token(931)
    harness.clock.tick(31)
    harness.script = [token]
    assert await harness.get() == (token, 31, True)
    assert len(harness.exchanges) == 1


async def test_a_token_that_arrives_expired() -> None:
    """A token that expires on the network counts as an invalid response, with a cool-down."""
    harness = CacheHarness()
    token = harness.token(1)
    harness.clock.tick(1)
    harness.script = [token]
    for _ in range(2):
        failure = await harness.failure()
        assert isinstance(failure.error, StsInvalidResponse)
        assert (failure.error.kind, failure.error.ms_cv, failure.retry_after_s) == ("expired", token.ms_cv, None)
    assert len(harness.exchanges) == 1


async def test_a_token_that_arrives_expired_leaves_the_cached_one() -> None:
    """Callers keep the cached token if the STS sends an expired one."""
    harness = CacheHarness()
    cached = harness.fill(1000)
    harness.clock.tick(900)
    expired = harness.token(1)
    harness.clock.tick(1)
    harness.script = [expired]
    assert await harness.get() == (cached, 901, False)
    assert isinstance((await harness.failure(renew=True)).error, StsInvalidResponse)


async def test_a_rejected_token_is_not_returned_for_one_that_arrives_expired() -> None:
    """A caller whose token ARR rejected gets the failure and not the same token, though it is still alive."""
    harness = CacheHarness()
    harness.fill()
    harness.clock.tick(3600)
    expired = harness.token(1)
    harness.clock.tick(1)
    harness.script = [expired]
    assert str((await harness.failure(renew=True)).error).endswith(" kind=expired")


async def test_a_shorter_lived_refresh_does_not_replace() -> None:
    """A refresh that brings a token of ten minutes leaves the cached one of almost a day, and counts as a failure."""
    harness = CacheHarness()
    cached = harness.fill()
    harness.clock.tick(3600)
    await harness.get()
    await harness.complete(harness.token(600))
    assert (await harness.get()).token is cached
    assert len(harness.exchanges) == 2, "no further exchange during the cool-down"
    failure = harness.finished[-1].token_or_failure
    assert str(failure) == "sts-invalid-response upstream=sts status=- kind=lifetime"


@pytest.mark.parametrize("lifetime_s", [None, 600], ids=["unknown", "short"])
async def test_a_shorter_lived_refresh_replaces_a_rejected_token(lifetime_s: int | None) -> None:
    """A caller whose token ARR rejected gets the new one even if it lives for less, and so does everyone after."""
    harness = CacheHarness()
    harness.fill()
    harness.clock.tick(3600)
    await harness.get()
    token = harness.token(lifetime_s)
    assert await harness.together(harness.get(renew=True), harness.get(min_validity_s=82_801), result=token) == (
        [(token, 0, True)] * 2
    )
    assert (await harness.get()).token is token
    assert len(harness.exchanges) == 2


@pytest.mark.parametrize("jitter", ["least", "none", "most"])
async def test_an_unknown_lifetime(jitter: str) -> None:
    """A token of unknown lifetime is refreshed at half of ARR_REFRESH_AFTER_SECONDS and never served beyond it."""
    harness = CacheHarness(jitter)
    token = harness.fill(None)
    harness.clock.tick(1799)
    await harness.get()
    assert not harness.live
    harness.clock.tick(1800)
    assert (await harness.get(min_validity_s=82_800)).token is token
    assert [exchange.trigger for exchange in harness.live] == ["refresh"]
    await harness.complete(StsUnavailable())
    harness.clock.tick(1)
    harness.script = [StsUnavailable()]
    assert isinstance((await harness.failure()).error, StsUnavailable)


async def test_half_of_the_usable_life() -> None:
    """A token that is usable for less than twice ARR_REFRESH_AFTER_SECONDS is refreshed while nobody has to wait."""
    harness = CacheHarness()
    token = harness.fill(1800)
    harness.clock.tick(449)
    await harness.get()
    assert not harness.live
    harness.clock.tick(1)
    assert await harness.get() == (token, 450, False)
    assert len(harness.live) == 1
