"""What a caller may ask for."""

import pytest

from shared.errors import AccountKeyRejected, StsUnavailable, UpstreamTimeout
from tests.unit.support import DAY_S, CacheHarness, failure_of


@pytest.mark.parametrize(
    ("left_s", "fetches"),
    [
        pytest.param(7201, False, id="a second more than asked"),
        pytest.param(7200, False, id="exactly what is asked"),
        pytest.param(7199, True, id="a second less than asked"),
    ],
)
async def test_min_validity(left_s: int, fetches: bool) -> None:
    """A caller who needs more life than the held token has left gets a new one."""
    stage = CacheHarness(refresh_after_s=82_800)
    first = stage.hold()
    stage.clock.tick(DAY_S - left_s)
    second = stage.token(value="second")
    stage.script = [second]
    grant = await stage.cache.get(min_validity_s=7200)
    assert grant.token is (second if fetches else first)
    assert grant.waited is fetches


@pytest.mark.parametrize(("age_s", "fetches"), [(29.9, False), (30, True)])
@pytest.mark.parametrize(
    ("lifetime_s", "min_validity_s", "renew"),
    [pytest.param(7200, 82_800, False, id="min_validity"), pytest.param(DAY_S, 0, True, id="renew")],
)
async def test_a_new_token_serves_any_wish(
    lifetime_s: int, min_validity_s: int, renew: bool, age_s: float, fetches: bool
) -> None:
    """Within 30 s of its issue a token counts as new, so that no caller makes the function hammer the STS."""
    stage = CacheHarness()
    stage.hold(lifetime_s)
    stage.clock.tick(age_s)
    stage.script = [stage.token(lifetime_s)]
    assert (await stage.cache.get(min_validity_s=min_validity_s, renew=renew)).waited is fetches


async def test_the_best_there_is() -> None:
    """Whoever asks for more life than can be had gets the best there is, after one exchange."""
    stage = CacheHarness()
    stage.hold(7200)
    stage.clock.tick(60)
    best = stage.token(3600)
    stage.script = [best]
    assert (await stage.cache.get(min_validity_s=82_800)).token is best
    assert len(stage.exchanges) == 2


async def test_an_unmet_wish_in_an_outage_gets_the_held_token() -> None:
    """No fault of an upstream reaches a caller who asked for more life while the held token is usable."""
    stage = CacheHarness(refresh_after_s=82_800)
    token = stage.hold(7200)
    stage.clock.tick(60)
    stage.script = [AccountKeyRejected()]
    assert await stage.cache.get(min_validity_s=82_800) == (token, 60, False)
    assert await stage.cache.get(min_validity_s=82_800) == (token, 60, False), "in the cool-down, too"
    assert len(stage.exchanges) == 2


async def test_an_unmet_wish_in_an_outage_at_the_last_moment() -> None:
    """Half a second of life is better than none."""
    stage = CacheHarness(min_validity_s=0)
    token = stage.hold()
    stage.clock.tick(DAY_S - 0.5)
    stage.script = [StsUnavailable()]
    assert (await stage.cache.get(min_validity_s=7200)).token is token


async def test_an_unmet_wish_in_a_hang_gets_the_held_token() -> None:
    """A caller who asked for more life waits no longer than ARR_MAX_WAIT_SECONDS, and gets the held token then."""
    stage = CacheHarness(max_wait_s=0.02, refresh_after_s=82_800)
    token = stage.hold(7200)
    stage.clock.tick(60)
    assert (await stage.cache.get(min_validity_s=82_800)).token is token


async def test_a_refused_token_in_an_outage() -> None:
    """A caller whose token was refused is told of the outage: the same token again would be no help."""
    stage = CacheHarness()
    stage.hold()
    stage.clock.tick(60)
    stage.script = [StsUnavailable()]
    assert isinstance(await failure_of(stage.cache.get(renew=True)), StsUnavailable)
    assert isinstance(await failure_of(stage.cache.get(renew=True)), StsUnavailable), "in the cool-down, too"
    assert (await stage.cache.get()).age_s == 60, "and everyone else still gets the held token"


async def test_a_refused_token_in_a_hang() -> None:
    """A caller whose token was refused is told when an upstream does not answer in time."""
    stage = CacheHarness(max_wait_s=0.02)
    stage.hold()
    stage.clock.tick(60)
    failure = await failure_of(stage.cache.get(renew=True))
    assert isinstance(failure, UpstreamTimeout)
    assert failure.retry_after_s == 1


async def test_callers_whose_token_was_refused_share_one_exchange() -> None:
    """A hundred apps whose token was refused at once cause one call of the STS."""
    stage = CacheHarness()
    stage.hold()
    stage.clock.tick(60)
    second = stage.token(value="second")
    grants = await stage.together(*(stage.cache.get(renew=True) for _ in range(100)), outcome=second)
    assert grants == [(second, 0, True)] * 100
    assert len(stage.exchanges) == 2


async def test_a_token_that_lands_spent_is_not_handed_out() -> None:
    """A token that has ended before it could be handed out is fetched again."""
    stage = CacheHarness()
    stale = stage.token(1)
    stage.clock.tick(1)
    good = stage.token()
    stage.script = [stale, good]
    assert (await stage.cache.get()).token is good


async def test_no_wish() -> None:
    """Who asks for no particular life gets the held token up to its last moment."""
    stage = CacheHarness(refresh_after_s=DAY_S, min_validity_s=0, max_wait_s=0.02)
    token = stage.hold()
    stage.clock.tick(DAY_S - 0.5)
    assert (await stage.cache.get()).token is token
    assert len(stage.exchanges) == 1


@pytest.mark.parametrize("renew", [False, True])
async def test_a_token_that_took_long(renew: bool) -> None:
    """A token that lands older than 30 s serves who waited for it, unless only a new one will do."""
    stage = CacheHarness()
    late = stage.token()
    stage.clock.tick(31)
    good = stage.token()
    stage.script = [late, good]
    assert (await stage.cache.get(renew=renew)).token is (good if renew else late)
