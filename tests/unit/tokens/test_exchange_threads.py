"""The thread of an exchange and its watchdog."""

import threading
from collections.abc import Callable, Iterator
from typing import Never

import pytest

from shared.clock import system_clock
from shared.errors import InternalError, StsThrottled, UpstreamTimeout
from shared.tokens.exchange import MAX_THREADS, Exchange, TokenOrFailure, run_in_thread
from shared.tokens.issued_token import IssuedToken
from tests.unit.support import CacheHarness

PATIENCE_S = 10  # normally milliseconds

type Run = Callable[[Exchange], IssuedToken]


class Threads:
    """Runs exchanges; those that `hang` end when the test is over."""

    def __init__(self) -> None:
        self.slots = threading.BoundedSemaphore(MAX_THREADS)
        self.over = threading.Event()
        self.running: list[threading.Thread] = []

    def start(self, run: Run, limit_s: float = 60) -> Exchange:
        exchange = Exchange("request", limit_s, system_clock)
        run_in_thread(exchange, run=run, slots=self.slots)
        return exchange

    def hang(self, _: Exchange) -> IssuedToken:
        self.running.append(threading.current_thread())
        assert self.over.wait(PATIENCE_S)
        return CacheHarness().token()


@pytest.fixture
def threads() -> Iterator[Threads]:
    threads = Threads()
    yield threads
    threads.over.set()
    for thread in threads.running:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def _result(exchange: Exchange) -> TokenOrFailure:
    return exchange.result.result(PATIENCE_S)


def test_the_token_is_the_result(threads: Threads) -> None:
    """The token that the exchange's thread brings is what waiting requests get."""
    token = CacheHarness().token()
    assert _result(threads.start(lambda _: token)) is token


def test_the_watchdog_ends_with_the_exchange(threads: Threads) -> None:
    """A finished exchange leaves no thread behind; a running one does not keep the process from ending."""
    before, seen = set(threading.enumerate()), threading.Event()
    new: set[threading.Thread] = set()

    def run(_: Exchange) -> IssuedToken:
        new.update(set(threading.enumerate()) - before)
        seen.set()
        return CacheHarness().token()

    threads.start(run)
    assert seen.wait(PATIENCE_S)
    assert [thread.daemon for thread in new] == [True, True]
    for thread in new:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_a_failure_is_a_result(threads: Threads) -> None:
    """Waiting requests share a failure like a token, without the traceback whose local variables hold keys."""
    failure = StsThrottled(ms_cv="cv", retry_after_s=7, upstream_status=429, kind="status")

    def run(_: Exchange) -> Never:
        raise failure

    assert _result(threads.start(run)) is failure
    assert (failure.__traceback__, failure.__context__) == (None, None)


def test_an_unexpected_exception_is_an_internal_error(threads: Threads) -> None:
    """A bug is reported by its class and place, at once, and without the exception's text."""

    def run(exchange: Exchange) -> Never:
        exchange.progress.upstream = "sts"
        raise ZeroDivisionError("account-key")

    result = _result(threads.start(run))
    assert isinstance(result, InternalError)
    assert (result.upstream, result.kind) == ("sts", "ZeroDivisionError")
    assert result.at.startswith("test_exchange_threads.py:")
    assert "account-key" not in repr(result)
    assert result.__context__ is None


def test_the_deadline_aborts_it(threads: Threads) -> None:
    """An exchange that hangs counts as timed out in the upstream that it was calling, and its calls end."""

    def run(exchange: Exchange) -> IssuedToken:
        exchange.progress.upstream = "key-vault"
        exchange.on_abort(threads.over.set)
        return threads.hang(exchange)

    exchange = threads.start(run, limit_s=0.02)
    result = _result(exchange)
    assert isinstance(result, UpstreamTimeout)
    assert (result.upstream, result.kind) == ("key-vault", "deadline")
    assert threads.over.wait(PATIENCE_S)
    assert exchange.result.result() is result


def test_at_most_four_threads(threads: Threads) -> None:
    """While four exchanges hang that can't be interrupted, requests get a time-out, until one of the four ends."""
    stuck = [threads.start(threads.hang) for _ in range(4)]
    for _ in range(2):
        refused = _result(threads.start(threads.hang))
        assert str(refused) == "upstream-timeout upstream=- status=- kind=threads"
    threads.over.set()
    token = CacheHarness().token()
    assert all(isinstance(_result(exchange), IssuedToken) for exchange in stuck)
    for thread in threads.running:
        thread.join(PATIENCE_S)
    assert _result(threads.start(lambda _: token)) is token


@pytest.mark.parametrize("which", [1, 2], ids=["the watchdog's", "its own"])
@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), MemoryError()], ids=repr)
def test_no_thread_can_be_started(
    threads: Threads, which: int, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a host without memory or threads the exchange fails at once, and later ones work when the host has some."""
    start, calls = threading.Thread.start, []

    def exhausted(thread: threading.Thread) -> None:
        calls.append(thread)
        if len(calls) == which:
            raise error
        start(thread)

    for _ in range(MAX_THREADS + 1):
        calls.clear()
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", exhausted)
            result = threads.start(lambda _: CacheHarness().token()).result.result(0)
        assert isinstance(result, InternalError)
        assert result.kind == type(error).__name__
        assert result.at != "-"
        for thread in calls[: which - 1]:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
    assert isinstance(_result(threads.start(lambda _: CacheHarness().token())), IssuedToken)
