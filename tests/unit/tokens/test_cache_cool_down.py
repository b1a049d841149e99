"""After a failed exchange."""

import pytest

from shared.errors import AccountKeyRejected, AccountKeyUnavailable, ArrTokenError, StsThrottled, StsUnavailable
from tests.unit.support import DAY_S, CacheHarness


async def test_the_same_problem_at_once() -> None:
    """In the cool-down no request waits: each gets the last problem at once, with the rest of the Retry-After."""
    harness = CacheHarness()
    throttled = StsThrottled(ms_cv="cv", retry_after_s=30)
    harness.fail(throttled)
    harness.clock.tick(10)
    assert await harness.failure() == (throttled, 20)
    assert len(harness.exchanges) == 1


@pytest.mark.parametrize(
    ("passed_s", "exchanges"), [pytest.param(0.9, 1, id="before its end"), pytest.param(1, 2, id="at its end")]
)
async def test_no_exchange_starts_in_it(passed_s: float, exchanges: int) -> None:
    """After a failed exchange none starts until the cool-down is over."""
    harness = CacheHarness()
    harness.fail(StsUnavailable())
    harness.clock.tick(passed_s)
    harness.script = [StsUnavailable()]
    await harness.failure()
    assert len(harness.exchanges) == exchanges


async def test_a_caller_that_obeys_retry_after_is_not_refused() -> None:
    """In an outage a caller that returns after Retry-After meets a new exchange each time: 1 to 60 seconds apart."""
    harness = CacheHarness()
    retry_after_s = []
    for _ in range(9):
        harness.script = [StsUnavailable()]
        failure = await harness.failure()
        assert failure.retry_after_s is not None
        retry_after_s.append(failure.retry_after_s)
        harness.clock.tick(failure.retry_after_s)
    assert retry_after_s == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert len(harness.exchanges) == 9


@pytest.mark.parametrize("jitter", ["least", "most"])
async def test_the_request_that_waited_gets_the_whole_cool_down(jitter: str) -> None:
    """After the fifth 429 in a row a Retry-After of 5 s is too short; the caller gets the 15 to 16 s that remain."""
    harness = CacheHarness(jitter)
    for _ in range(5):
        harness.script = [StsThrottled(retry_after_s=5)]
        failure = await harness.failure()
        assert failure.retry_after_s is not None
        harness.clock.tick(failure.retry_after_s)
    assert failure.retry_after_s == {"least": 15, "most": 16}[jitter]
    assert len(harness.exchanges) == 5


async def test_a_success_resets_it() -> None:
    """After a success the next failure causes a cool-down of one second again."""
    harness = CacheHarness()
    for _ in range(5):
        harness.fail(StsUnavailable())
        harness.clock.tick(60)
    harness.fill()
    harness.clock.tick(DAY_S)
    harness.script = [StsUnavailable()]
    assert (await harness.failure()).retry_after_s == 1


async def test_an_operators_fault_has_no_retry_after() -> None:
    """A rejected key causes a cool-down, too, and never looks transient."""
    harness = CacheHarness()
    rejected = AccountKeyRejected(upstream="sts", upstream_status=401)
    harness.script = [rejected]
    assert await harness.failure() == (rejected, None)
    assert await harness.failure() == (rejected, None)
    assert len(harness.exchanges) == 1


@pytest.mark.parametrize("failure", [StsUnavailable(), AccountKeyUnavailable(retry_after_s=3600)], ids=str)
async def test_a_failure_at_load_that_no_request_saw(failure: ArrTokenError) -> None:
    """If the cause of a failure at load has passed, the first request gets a token."""
    harness = CacheHarness()
    harness.cache.ensure_exchange("load")
    await harness.complete(failure)
    token = harness.token()
    harness.script = [token]
    assert (await harness.get()).token is token


async def test_a_failure_at_load_that_a_request_waited_for() -> None:
    """A failure at load that a request got causes a cool-down like any other."""
    harness = CacheHarness()
    harness.cache.ensure_exchange("load")
    unavailable = StsUnavailable()
    assert await harness.together(harness.failure(), result=unavailable) == [(unavailable, 1)]
    assert await harness.failure() == (unavailable, 1)
    assert len(harness.exchanges) == 1


async def test_a_retry_after_at_load() -> None:
    """A throttled fleet leaves the STS alone for as long as it asked for, also while no request has come yet."""
    harness = CacheHarness()
    harness.cache.ensure_exchange("load")
    throttled = StsThrottled(retry_after_s=30)
    await harness.complete(throttled)
    assert await harness.failure() == (throttled, 30)
    assert len(harness.exchanges) == 1
