"""Requests with minValidity or no-cache. test_cache_outages.py covers those in an outage."""

import pytest

from tests.unit.support import DAY_S, CacheHarness


@pytest.mark.parametrize(
    ("left_s", "fetches"),
    [
        pytest.param(7201, False, id="a second more"),
        pytest.param(7200, False, id="exactly as much"),
        pytest.param(7199, True, id="a second less"),
    ],
)
async def test_min_validity(left_s: int, fetches: bool) -> None:
    """A caller who needs more lifetime than the cached token has left gets a new token."""
    harness = CacheHarness(refresh_after_s=82_800, min_validity_s=0)
    first = harness.fill()
    harness.clock.tick(DAY_S - left_s)
    second = harness.token(value="second")
    harness.script = [second] if fetches else []
    cached = await harness.get(min_validity_s=7200)
    assert cached.token is (second if fetches else first)
    assert cached.waited is fetches


@pytest.mark.parametrize(("age_s", "fetches"), [(29.9, False), (30, True)])
@pytest.mark.parametrize(
    ("lifetime_s", "min_validity_s", "renew"),
    [pytest.param(7200, 82_800, False, id="minValidity"), pytest.param(DAY_S, 0, True, id="no-cache")],
)
async def test_a_new_token_satisfies_every_request(
    lifetime_s: int, min_validity_s: int, renew: bool, age_s: float, fetches: bool
) -> None:
    """For 30 s after its issue a token is not replaced on demand, so that no caller can flood the STS."""
    harness = CacheHarness()
    harness.fill(lifetime_s)
    harness.clock.tick(age_s)
    harness.script = [harness.token(lifetime_s)]
    assert (await harness.get(min_validity_s=min_validity_s, renew=renew)).waited is fetches


async def test_min_validity_that_no_token_has() -> None:
    """If no token lasts as long as asked, the caller gets the new one after one exchange, since it lasts longer."""
    harness = CacheHarness()
    harness.fill(7200)
    harness.clock.tick(60)
    new = harness.token(7200)
    harness.script = [new]
    assert await harness.get(min_validity_s=82_800) == (new, 0, True)
    assert len(harness.exchanges) == 2


async def test_min_validity_and_a_shorter_new_token() -> None:
    """If the exchange brings a token with less life than the cached one, the caller gets the cached one."""
    harness = CacheHarness()
    longest = harness.fill(7200)
    harness.clock.tick(60)
    harness.script = [harness.token(3600)]
    assert await harness.get(min_validity_s=82_800) == (longest, 60, False)
    assert len(harness.exchanges) == 2


async def test_no_cache_and_a_slow_sts() -> None:
    """If the STS took 31 s, a caller with no-cache gets the token that it brought: no second exchange starts."""
    harness = CacheHarness()
    harness.fill()
    harness.clock.tick(60)
    token = harness.token(value="second")
    harness.clock.tick(31)
    harness.script = [token]
    assert await harness.get(renew=True) == (token, 31, True)
    assert len(harness.exchanges) == 2


async def test_callers_with_no_cache_share_one_exchange() -> None:
    """A hundred apps whose token ARR rejected at the same time cause one call of the STS."""
    harness = CacheHarness()
    harness.fill()
    harness.clock.tick(60)
    token = harness.token(value="second")
    assert (
        await harness.together(*(harness.get(renew=True) for _ in range(100)), result=token) == [(token, 0, True)] * 100
    )
    assert len(harness.exchanges) == 2
