"""After a failure."""

import pytest

from shared.errors import AccountKeyRejected, StsThrottled, StsUnavailable
from tests.unit.support import DAY_S, CacheHarness, failure_of


async def test_the_same_problem_at_once() -> None:
    """In the cool-down nobody waits: each request gets the last problem at once, with what is left of it."""
    stage = CacheHarness()
    stage.fail(StsThrottled(ms_cv="cv", retry_after_s=30))
    stage.clock.tick(10)
    failure = await failure_of(stage.cache.get())
    assert isinstance(failure, StsThrottled)
    assert (failure.ms_cv, failure.retry_after_s) == ("cv", 20)
    assert len(stage.exchanges) == 1


@pytest.mark.parametrize(
    ("passed_s", "exchanges"), [pytest.param(0.9, 1, id="before its end"), pytest.param(1, 2, id="at its end")]
)
async def test_none_starts_in_it(passed_s: float, exchanges: int) -> None:
    """After a failed exchange none starts until the cool-down is over."""
    stage = CacheHarness()
    stage.fail(StsUnavailable())
    stage.clock.tick(passed_s)
    stage.script = [StsUnavailable()]
    await failure_of(stage.cache.get())
    assert len(stage.exchanges) == exchanges


async def test_it_doubles_to_a_minute() -> None:
    """While the STS is down it is asked after 1, 2, 4, 8, 16, 32 and then every 60 seconds."""
    stage = CacheHarness()
    told = []
    for _ in range(9):
        stage.script = [StsUnavailable()]
        failure = await failure_of(stage.cache.get())
        assert failure.retry_after_s is not None
        told.append(failure.retry_after_s)
        stage.clock.tick(failure.retry_after_s)
    assert told == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert len(stage.exchanges) == 9


async def test_a_success_resets_it() -> None:
    """After a success the next failure cools down for a second again."""
    stage = CacheHarness()
    for _ in range(5):
        stage.fail(StsUnavailable())
        stage.clock.tick(60)
    stage.hold()
    stage.clock.tick(DAY_S)
    stage.script = [StsUnavailable()]
    assert (await failure_of(stage.cache.get())).retry_after_s == 1


@pytest.mark.parametrize("jitter", ["least", "most"])
async def test_retry_after_is_never_shortened(jitter: str) -> None:
    """However the jitter falls, the STS is left alone for all of the time that it asked for."""
    stage = CacheHarness(jitter)
    stage.fail(StsThrottled(retry_after_s=3600))
    assert (await failure_of(stage.cache.get())).retry_after_s == 3600
    stage.clock.tick(3599.9)
    assert (await failure_of(stage.cache.get())).retry_after_s == 1
    assert len(stage.exchanges) == 1


async def test_an_operators_fault_is_told_without_retry_after() -> None:
    """A refused key cools down, too, and never looks transient."""
    stage = CacheHarness()
    stage.script = [AccountKeyRejected(upstream="sts", upstream_status=401)]
    assert (await failure_of(stage.cache.get())).retry_after_s is None
    assert (await failure_of(stage.cache.get())).retry_after_s is None
    assert len(stage.exchanges) == 1


async def test_an_ageing_token_through_an_outage() -> None:
    """While the held token is usable an outage reaches nobody, and each cool-down passes before the next try."""
    stage = CacheHarness()
    token = stage.hold()
    stage.clock.tick(3600)
    stage.script = [StsUnavailable(), StsUnavailable(), StsUnavailable()]
    for _ in range(50):
        assert (await stage.cache.get()).token is token
    assert len(stage.exchanges) == 2
    stage.clock.tick(1)
    assert (await stage.cache.get()).token is token
    assert (await stage.cache.get()).token is token
    assert len(stage.exchanges) == 3


async def test_a_failure_at_load_harms_nothing() -> None:
    """A failure while the function loads is over with its cool-down."""
    stage = CacheHarness()
    stage.cache.start("load")
    await stage.settle(StsUnavailable())
    stage.clock.tick(1)
    token = stage.token()
    stage.script = [token]
    assert (await stage.cache.get()).token is token


async def test_a_late_refresh_keeps_its_token() -> None:
    """A background exchange that fails leaves the held token as old as it is: it is not taken for fresh."""
    stage = CacheHarness()
    stage.hold()
    stage.clock.tick(DAY_S - 901)
    stage.script = [StsUnavailable()]
    assert (await stage.cache.get()).age_s == DAY_S - 901
    stage.clock.tick(1)
    stage.script = [StsUnavailable()]
    assert isinstance(await failure_of(stage.cache.get()), StsUnavailable)
