"""Single-flight: one exchange, many waiting requests."""

import asyncio
import threading
from functools import partial

import pytest

from shared.clock import Moment, system_clock
from shared.errors import StsThrottled, UpstreamTimeout
from shared.tokens.cache import CachedToken, TokenCache
from shared.tokens.exchange import Exchange, ExchangeResult, run_in_thread
from shared.tokens.issued_token import IssuedToken
from tests.unit.support import DAY_S, CacheHarness


async def test_a_burst_causes_one_exchange() -> None:
    """Five hundred requests at once cause one exchange, and all get its token."""
    harness = CacheHarness()
    token = harness.token()
    results = await harness.together(*(harness.get() for _ in range(500)), result=token)
    assert results == [(token, 0, True)] * 500
    assert len(harness.exchanges) == 1


def test_at_most_one_exchange_is_live() -> None:
    """An exchange that is due while one is live is that one."""
    harness = CacheHarness()
    assert harness.cache.ensure_exchange("load") is harness.cache.ensure_exchange("refresh")
    assert len(harness.exchanges) == 1


async def test_a_burst_shares_a_failure() -> None:
    """Five hundred waiting requests get the failure of their one exchange."""
    harness = CacheHarness()
    throttled = StsThrottled(retry_after_s=7)
    results = await harness.together(*(harness.failure() for _ in range(500)), result=throttled)
    assert results == [(throttled, 7)] * 500
    assert len(harness.exchanges) == 1


async def test_waiting_requests_delay_no_others() -> None:
    """While a hundred requests wait for a longer-lived token, one that the cached token satisfies gets it at once."""
    harness = CacheHarness()
    cached = harness.fill(7200)
    harness.clock.tick(60)
    waiting = [asyncio.create_task(harness.get(min_validity_s=82_800)) for _ in range(100)]

    async def served() -> None:
        assert (await harness.get()).token is cached
        assert not any(task.done() for task in waiting)
        await harness.complete(harness.token(value="second"))

    await asyncio.gather(*waiting, served())
    assert len(harness.exchanges) == 2


async def test_an_exchange_that_completes_while_a_request_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that finds no usable token in the instant in which a new one arrives starts no second exchange."""
    harness = CacheHarness()
    harness.fill()
    harness.clock.tick(DAY_S)
    harness.cache.ensure_exchange("refresh")
    token = harness.token(value="second")
    thread = threading.Thread(target=harness.exchanges[-1].complete, args=[token])

    def read_the_clock() -> Moment:
        if thread.ident is None:
            thread.start()
            thread.join(0.05)  # it has to wait for the request's decision
        return harness.clock()

    monkeypatch.setattr(harness.cache, "_clock", read_the_clock)
    assert await harness.get() == (token, 0, True)
    assert len(harness.exchanges) == 2


async def test_a_request_stops_waiting() -> None:
    """A request waits ARR_MAX_WAIT_SECONDS; the exchange goes on, and its token serves the next request."""
    harness = CacheHarness(max_wait_s=0.02)
    harness.cache.ensure_exchange("load")
    harness.exchanges[0].progress.upstream = "key-vault"
    error, retry_after_s = await harness.failure()
    assert isinstance(error, UpstreamTimeout)
    assert (error.kind, error.upstream, retry_after_s) == ("wait", "key-vault", 1)
    assert len(harness.live) == 1
    token = harness.token()
    await harness.complete(token)
    assert await harness.get() == (token, 0, False)
    assert len(harness.exchanges) == 1


async def test_a_caller_who_goes_away() -> None:
    """A request that is cancelled does not take the token from the others."""
    harness = CacheHarness()
    gone = asyncio.create_task(harness.get())
    token = harness.token()

    async def leave() -> None:
        gone.cancel()
        await asyncio.wait([gone])
        await harness.complete(token)

    left, cached, _ = await asyncio.gather(gone, harness.get(), leave(), return_exceptions=True)
    assert isinstance(left, asyncio.CancelledError)
    assert cached == (token, 0, True)


@pytest.mark.parametrize(
    ("max_wait_s", "limit_s"),
    [pytest.param(1, 3, id="3 times"), pytest.param(20, 60, id="at most 60"), pytest.param(60, 60, id="never more")],
)
def test_deadline_of_an_exchange(max_wait_s: int, limit_s: int) -> None:
    """An exchange may take 3 times as long as one request waits, at most 60 s, so a slow upstream fills the cache."""
    harness = CacheHarness(max_wait_s=max_wait_s)
    harness.cache.ensure_exchange("load")
    assert harness.exchanges[0].limit_s == limit_s


async def test_an_aborted_exchange() -> None:
    """An exchange that outlives its deadline has failed, with cool-down; a token that it still brings is discarded."""
    harness = CacheHarness()
    harness.cache.ensure_exchange("request")
    stuck = harness.exchanges[0]
    stuck.abort()
    stuck.complete(harness.token(value="late"))
    error, retry_after_s = await harness.failure()
    assert (error.code, error.kind, retry_after_s) == ("upstream-timeout", "deadline", 1)
    assert len(harness.exchanges) == 1
    harness.clock.tick(1)
    token = harness.token()
    harness.script = [token]
    assert (await harness.get()).token is token
    assert len(harness.exchanges) == 2


async def test_with_real_threads() -> None:
    """A token that a thread brings reaches every request that waits on the event loop, after its log line is queued."""
    all_wait = threading.Event()
    finished: list[ExchangeResult] = []

    def run(_: Exchange) -> IssuedToken:
        assert all_wait.wait(10)
        return IssuedToken(value="ey", ms_cv=None, issued_at=system_clock(), expires_on=None, lifetime_s=None)

    cache = TokenCache(
        partial(run_in_thread, run=run, slots=threading.BoundedSemaphore(1)),
        refresh_after_s=3600,
        min_validity_s=900,
        max_wait_s=10,
        clock=system_clock,
        on_finished=finished.append,
    )

    async def request() -> CachedToken:
        result = await cache.get(min_validity_s=0, renew=False)
        assert isinstance(result, CachedToken)
        assert len(finished) == 1
        return result

    async def let_go() -> None:
        all_wait.set()

    waiting = [asyncio.create_task(request()) for _ in range(50)]
    await asyncio.gather(*waiting, let_go())
    assert len({task.result().token for task in waiting}) == 1
