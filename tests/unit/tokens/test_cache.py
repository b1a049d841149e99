"""The table of contract section 5. test_token_cache_*.py have the rest."""

import pytest

from shared.errors import StsUnavailable
from tests.unit.support import DAY_S, CacheHarness, failure_of


@pytest.mark.parametrize(
    ("age_s", "live"),
    [
        pytest.param(0, 0, id="new"),
        pytest.param(3599, 0, id="fresh: a second before ARR_REFRESH_AFTER_SECONDS"),
        pytest.param(3600, 1, id="ageing: at ARR_REFRESH_AFTER_SECONDS"),
        pytest.param(DAY_S - 901, 1, id="ageing: a second before it is spent"),
    ],
)
async def test_fresh_and_ageing(age_s: int, live: int) -> None:
    """A held token is handed out at once; an ageing one is replaced in the background."""
    stage = CacheHarness()
    token = stage.hold()
    stage.clock.tick(age_s)
    assert await stage.cache.get() == (token, age_s, False)
    assert [exchange.started for exchange in stage.live] == ["refresh"] * live


@pytest.mark.parametrize(
    ("age_s", "spent"),
    [
        pytest.param(DAY_S - 901, False, id="901 s left"),
        pytest.param(DAY_S - 900, True, id="900 s left"),
        pytest.param(DAY_S, True, id="nothing left"),
    ],
)
async def test_spent(age_s: int, spent: bool) -> None:
    """A token with no more than ARR_MIN_VALIDITY_SECONDS left is not handed out: its caller waits for the next."""
    stage = CacheHarness()
    first = stage.hold()
    stage.clock.tick(age_s)
    second = stage.token(value="second")
    stage.script = [second]
    grant = await stage.cache.get()
    assert grant.token is (second if spent else first)
    assert grant.waited is spent
    assert stage.exchanges[-1].started == ("request" if spent else "refresh")


async def test_spent_is_tested_first() -> None:
    """A token that is old enough to be replaced and spent as well is not handed out once more."""
    stage = CacheHarness(refresh_after_s=3600, min_validity_s=0)
    stage.hold(lifetime_s=1800)
    stage.clock.tick(1800)
    stage.script = [StsUnavailable()]
    assert isinstance(await failure_of(stage.cache.get()), StsUnavailable)


async def test_none_held() -> None:
    """The first caller waits for the exchange that loading has started, and gets its token."""
    stage = CacheHarness()
    stage.cache.start("load")
    token = stage.token()
    (grant,) = await stage.together(stage.cache.get(), outcome=token)
    assert grant == (token, 0, True)
    assert [exchange.started for exchange in stage.exchanges] == ["load"]


@pytest.mark.parametrize(
    ("jitter", "age_s"),
    [pytest.param("least", 3240, id="a tenth earlier"), pytest.param("most", 3960, id="a tenth later")],
)
async def test_refresh_is_jittered(jitter: str, age_s: int) -> None:
    """Workers that started together refresh apart from each other, within a tenth of the time."""
    stage = CacheHarness(jitter)
    stage.hold()
    stage.clock.tick(age_s - 1)
    await stage.cache.get()
    assert not stage.live
    stage.clock.tick(2)
    await stage.cache.get()
    assert len(stage.live) == 1


async def test_a_refresh_is_seen_by_the_next() -> None:
    """After the background exchange the new token is handed out, and not refreshed again."""
    stage = CacheHarness()
    stage.hold()
    stage.clock.tick(3600)
    await stage.cache.get()
    token = stage.token(value="second")
    await stage.settle(token)
    assert await stage.cache.get() == (token, 0, False)
    assert not stage.live


@pytest.mark.parametrize(
    ("monotonic_s", "wall_s"),
    [pytest.param(0, DAY_S, id="paused host"), pytest.param(DAY_S, -DAY_S, id="clock set back")],
)
async def test_age_is_that_of_the_faster_clock(monotonic_s: int, wall_s: int) -> None:
    """Neither a paused host nor a clock that is set back makes a spent token look good."""
    stage = CacheHarness()
    stage.hold()
    stage.clock.monotonic += monotonic_s
    stage.clock.wall += wall_s
    second = stage.token(value="second")
    stage.script = [second]
    assert (await stage.cache.get()).token is second
