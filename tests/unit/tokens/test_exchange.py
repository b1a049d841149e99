"""shared.tokens.exchange: the result and the deadline. test_exchange_threads.py has the threads."""

import threading

from shared.errors import UpstreamTimeout
from shared.tokens.exchange import Exchange
from tests.unit.support import CacheHarness, FakeClock


def test_the_result_after_an_abort_is_discarded() -> None:
    """Once an exchange counts as failed, a token that its thread still brings changes nothing."""
    exchange = Exchange("load", 60, FakeClock())
    exchange.abort()
    exchange.complete(CacheHarness().token())
    assert isinstance(exchange.result.result(0), UpstreamTimeout)


def test_abort_ends_the_calls_under_way() -> None:
    """The connections of an exchange are shut when it is aborted, and not before."""
    exchange = Exchange("load", 60, FakeClock())
    shut = threading.Event()
    exchange.on_abort(shut.set)
    assert not shut.is_set()
    exchange.abort()
    assert shut.is_set()


def test_connections_made_after_an_abort_are_shut_at_once() -> None:
    """An exchange that is aborted before it made its connections ends all the same, and no upstream is blamed."""
    exchange = Exchange("load", 60, FakeClock())
    exchange.abort()
    shut = threading.Event()
    exchange.on_abort(shut.set)
    assert shut.is_set()
    assert str(exchange.result.result(0)) == "upstream-timeout upstream=- status=- kind=deadline"


def test_the_cache_has_the_result_before_waiting_requests_continue() -> None:
    """A request that continues after an exchange finds its token, or its cool-down, in the cache."""
    seen: list[tuple[object, bool]] = []
    exchange = Exchange("load", 60, FakeClock(), lambda exchange, result: seen.append((result, exchange.result.done())))
    token = CacheHarness().token()
    exchange.complete(token)
    exchange.complete(UpstreamTimeout())
    assert seen == [(token, False)]


def test_a_waiting_request_cannot_cancel_it() -> None:
    """A caller who goes away does not take the token from the others."""
    exchange = Exchange("load", 60, FakeClock())
    assert not exchange.result.cancel()
    token = CacheHarness().token()
    exchange.complete(token)
    assert exchange.result.result(0) is token


def test_remaining() -> None:
    """An exchange's deadline counts from its start, and the remaining time is never negative."""
    clock = FakeClock()
    exchange = Exchange("load", 30, clock)
    assert (exchange.seconds(), exchange.remaining_s()) == (0, 30)
    clock.tick(29)
    assert (exchange.seconds(), exchange.remaining_s()) == (29, 1)
    clock.tick(2)
    assert (exchange.seconds(), exchange.remaining_s()) == (31, 0)
