"""The thread of an exchange, and its watchdog's."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Never

import pytest

from shared.clock import system_clock
from shared.errors import InternalError, StsThrottled, UpstreamTimeout
from shared.tokens.exchange import Exchange, launch
from shared.tokens.issued_token import IssuedToken
from tests.unit.support import CacheHarness

PATIENCE_S = 10  # for what happens at once


@contextmanager
def _stuck() -> Iterator[tuple[Exchange, threading.Event, threading.Event]]:
    """An exchange that hangs until it is given up, after 20 ms; and what tells that it began, and that it ended."""
    exchange = Exchange("request", 0.02, system_clock)
    began, shut, ended = threading.Event(), threading.Event(), threading.Event()

    def run(exchange: Exchange) -> IssuedToken:
        exchange.upstream = "key-vault"
        exchange.when_given_up(shut.set)
        began.set()
        assert shut.wait(PATIENCE_S)
        ended.set()
        return CacheHarness().token()

    launch(exchange, run)
    assert began.wait(PATIENCE_S)
    yield exchange, shut, ended
    assert ended.wait(PATIENCE_S)


def test_the_token_is_the_outcome() -> None:
    """What the exchange's thread brings is what all who wait get."""
    token = CacheHarness().token()
    exchange = Exchange("load", 60, system_clock)
    launch(exchange, lambda _: token)
    assert exchange.outcome.result(PATIENCE_S) is token


def test_the_thread_is_a_daemon_of_its_own() -> None:
    """A stuck exchange keeps neither a request's thread nor the process's end."""
    seen: list[threading.Thread] = []

    def run(_: Exchange) -> IssuedToken:
        seen.append(threading.current_thread())
        return CacheHarness().token()

    exchange = Exchange("load", 60, system_clock)
    launch(exchange, run)
    exchange.outcome.result(PATIENCE_S)
    assert seen[0] is not threading.current_thread()
    assert seen[0].daemon


def test_the_watchdog_ends_with_the_exchange() -> None:
    """An exchange that is over leaves no thread behind; while it runs, its two don't keep the process from ending."""
    before, seen = set(threading.enumerate()), threading.Event()
    new: set[threading.Thread] = set()

    def run(_: Exchange) -> IssuedToken:
        new.update(set(threading.enumerate()) - before)
        seen.set()
        return CacheHarness().token()

    launch(Exchange("load", 60, system_clock), run)
    assert seen.wait(PATIENCE_S)
    assert [thread.daemon for thread in new] == [True, True]
    for thread in new:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_a_failure_is_an_outcome() -> None:
    """A failure is shared like a token, without the traceback that holds keys in its local variables."""
    secret_error = StsThrottled(ms_cv="cv", retry_after_s=7, upstream_status=429, kind="status")

    def run(_: Exchange) -> Never:
        raise secret_error

    exchange = Exchange("load", 60, system_clock)
    launch(exchange, run)
    outcome = exchange.outcome.result(PATIENCE_S)
    assert isinstance(outcome, StsThrottled)
    assert (outcome.ms_cv, outcome.retry_after_s, outcome.upstream_status, outcome.kind) == ("cv", 7, 429, "status")
    assert outcome.__traceback__ is None
    assert outcome.__context__ is None


def test_a_bug_is_an_internal_error() -> None:
    """An exception that nobody expected is an internal error with the exception's name, and without its text."""

    def run(exchange: Exchange) -> Never:
        exchange.upstream = "sts"
        raise ZeroDivisionError("account-key")

    exchange = Exchange("load", 60, system_clock)
    launch(exchange, run)
    outcome = exchange.outcome.result(PATIENCE_S)
    assert isinstance(outcome, InternalError)
    assert (outcome.upstream, outcome.kind) == ("sts", "ZeroDivisionError")
    assert "account-key" not in repr(outcome)
    assert outcome.__context__ is None


def test_given_up_at_its_deadline() -> None:
    """An exchange that outlives its deadline counts as timed out in the upstream that it hung at, and is ended."""
    with _stuck() as (exchange, shut, ended):
        outcome = exchange.outcome.result(PATIENCE_S)
        assert isinstance(outcome, UpstreamTimeout)
        assert (outcome.upstream, outcome.kind) == ("key-vault", "deadline")
        assert shut.wait(PATIENCE_S)
        assert ended.wait(PATIENCE_S)
    assert exchange.outcome.result() is outcome


@pytest.mark.parametrize("which", [1, 2], ids=["the watchdog's", "its own"])
def test_no_thread_left(which: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a host that has no thread left the exchange fails at once, instead of leaving requests to their deadlines."""
    start, calls = threading.Thread.start, []

    def exhausted(thread: threading.Thread) -> None:
        calls.append(thread)
        if len(calls) == which:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", exhausted)
    exchange = Exchange("load", 60, system_clock)
    launch(exchange, lambda _: CacheHarness().token())
    outcome = exchange.outcome.result(0)
    assert isinstance(outcome, InternalError)
    assert outcome.kind == "RuntimeError"
    for thread in calls[: which - 1]:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
