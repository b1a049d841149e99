"""One exchange, many who wait."""

import asyncio
import threading
from functools import partial

import pytest

from shared.clock import system_clock
from shared.errors import AccountKeyRejected, ArrTokenError, StsThrottled, UpstreamTimeout
from shared.tokens.cache import TokenCache
from shared.tokens.exchange import Exchange, launch
from shared.tokens.issued_token import IssuedToken
from tests.unit.support import CacheHarness, failure_of, lifetimes_of


async def test_a_burst_makes_one_exchange() -> None:
    """Five hundred requests at once cause one exchange, and all get its token."""
    stage = CacheHarness()
    token = stage.token()
    grants = await stage.together(*(stage.cache.get() for _ in range(500)), outcome=token)
    assert grants == [(token, 0, True)] * 500
    assert len(stage.exchanges) == 1


async def test_a_burst_shares_a_failure() -> None:
    """Five hundred requests that wait get the failure of their one exchange, each an instance of its own."""
    stage = CacheHarness()
    failures = await stage.together(*(stage.cache.get() for _ in range(500)), outcome=StsThrottled(retry_after_s=7))
    told = [failure.retry_after_s for failure in failures if isinstance(failure, StsThrottled)]
    assert told == [7] * 500
    assert len(set(map(id, failures))) == 500
    assert len(stage.exchanges) == 1


async def test_held_tokens_pass_those_who_wait() -> None:
    """While a hundred requests wait for more, a caller whom the held token serves gets it at once."""
    stage = CacheHarness()
    held = stage.hold(7200)
    stage.clock.tick(60)
    waiting = [asyncio.create_task(stage.cache.get(min_validity_s=82_800)) for _ in range(100)]

    async def served() -> None:
        assert (await stage.cache.get()).token is held
        assert not any(task.done() for task in waiting)
        await stage.settle(stage.token(value="second"))

    await asyncio.gather(*waiting, served())
    assert len(stage.exchanges) == 2


async def test_out_of_patience() -> None:
    """A request waits ARR_MAX_WAIT_SECONDS; the exchange goes on, and its token serves the next."""
    stage = CacheHarness(max_wait_s=0.02)
    failure = await failure_of(stage.cache.get())
    assert isinstance(failure, UpstreamTimeout)
    assert (failure.kind, failure.retry_after_s) == ("wait", 1)
    assert len(stage.live) == 1
    token = stage.token()
    await stage.settle(token)
    assert await stage.cache.get() == (token, 0, False)
    assert len(stage.exchanges) == 1


async def test_out_of_patience_names_the_upstream() -> None:
    """The log tells which upstream the exchange was at when patience ended."""
    stage = CacheHarness(max_wait_s=0.02)
    stage.cache.start("load")
    stage.exchanges[0].upstream = "key-vault"
    assert (await failure_of(stage.cache.get())).upstream == "key-vault"


async def test_one_who_goes_away() -> None:
    """A caller whose request is cancelled takes the token from nobody else."""
    stage = CacheHarness()
    gone = asyncio.create_task(stage.cache.get())
    token = stage.token()

    async def leave() -> None:
        gone.cancel()
        await asyncio.wait([gone])
        await stage.settle(token)

    left, grant, _ = await asyncio.gather(gone, stage.cache.get(), leave(), return_exceptions=True)
    assert isinstance(left, asyncio.CancelledError)
    assert grant == (token, 0, True)


@pytest.mark.parametrize(
    ("max_wait_s", "limit_s"),
    [pytest.param(1, 3, id="3 times"), pytest.param(20, 60, id="at most 60"), pytest.param(60, 60, id="never more")],
)
def test_deadline_of_an_exchange(max_wait_s: int, limit_s: int) -> None:
    """An exchange has 3 times a caller's patience, at most 60 s, so that a slow upstream still fills the cache."""
    stage = CacheHarness(max_wait_s=max_wait_s)
    stage.cache.start("load")
    assert stage.exchanges[0].limit_s == limit_s


async def test_given_up() -> None:
    """An exchange that outlives its deadline has failed, with cool-down; what it still brings is dropped."""
    stage = CacheHarness()
    stage.cache.start("load")
    stuck = stage.exchanges[0]
    stuck.give_up()
    stuck.settle(stage.token(value="late"))
    failure = await failure_of(stage.cache.get())
    assert (failure.code, failure.kind, failure.retry_after_s) == ("upstream-timeout", "deadline", 1)
    assert len(stage.exchanges) == 1
    stage.clock.tick(1)
    token = stage.token()
    stage.script = [token]
    assert (await stage.cache.get()).token is token
    assert len(stage.exchanges) == 2


async def test_with_real_threads() -> None:
    """A token that a thread brings reaches every request that waits on the event loop."""
    everyone_waits = threading.Event()

    def run(_: Exchange) -> IssuedToken:
        assert everyone_waits.wait(10)
        return IssuedToken(value="ey", ms_cv=None, issued_at=system_clock(), expires_on=None, lifetime_s=None)

    cache = TokenCache(partial(launch, run=run), lifetimes_of(), system_clock)
    waiting = [asyncio.create_task(cache.get()) for _ in range(50)]

    async def let_go() -> None:
        everyone_waits.set()

    await asyncio.gather(*waiting, let_go())
    assert len({task.result().token for task in waiting}) == 1


def test_the_journal_keeps_the_last_hundred() -> None:
    """Of exchanges that no request has logged yet, the last hundred are kept, with who started them."""
    stage = CacheHarness()
    for number in range(105):
        stage.clock.tick(10_000)
        started = stage.cache.start("refresh")
        assert not isinstance(started, ArrTokenError)
        stage.clock.tick(0.5)
        started.settle(AccountKeyRejected(ms_cv=str(number)))
    assert [record.outcome.ms_cv for record in stage.cache.journal] == [str(number) for number in range(5, 105)]
    assert {(record.started, record.seconds) for record in stage.cache.journal} == {("refresh", 0.5)}
