"""Its outcome and its deadline; test_exchange_threads.py has the rest."""

import threading

from shared.errors import UpstreamTimeout
from shared.tokens.exchange import Exchange
from tests.unit.support import CacheHarness, FakeClock


def test_what_a_given_up_exchange_brings_is_dropped() -> None:
    """Once an exchange counts as failed, a token that it still brings changes nothing."""
    exchange = Exchange("load", 60, FakeClock())
    exchange.give_up()
    exchange.settle(CacheHarness().token())
    assert isinstance(exchange.outcome.result(0), UpstreamTimeout)


def test_given_up_before_it_has_connections() -> None:
    """Connections that an exchange makes after it was given up are shut at once; no upstream is blamed for it."""
    exchange = Exchange("load", 60, FakeClock())
    exchange.give_up()
    shut = threading.Event()
    exchange.when_given_up(shut.set)
    assert shut.is_set()
    assert str(exchange.outcome.result(0)) == "upstream-timeout upstream=- status=- kind=deadline"


def test_connections_of_a_live_exchange_stay() -> None:
    """Nothing is shut while the exchange may go on."""
    exchange = Exchange("load", 60, FakeClock())
    shut = threading.Event()
    exchange.when_given_up(shut.set)
    assert not shut.is_set()
    exchange.give_up()
    assert shut.is_set()


def test_a_waiter_that_leaves_cancels_nothing() -> None:
    """One caller who goes away takes the token from nobody else."""
    exchange = Exchange("load", 60, FakeClock())
    assert not exchange.outcome.cancel()
    token = CacheHarness().token()
    exchange.settle(token)
    assert exchange.outcome.result(0) is token


def test_remaining() -> None:
    """An exchange's deadline counts from its start, and what is left is never negative."""
    clock = FakeClock()
    exchange = Exchange("load", 30, clock)
    assert (exchange.seconds(), exchange.remaining_s()) == (0, 30)
    clock.tick(29)
    assert (exchange.seconds(), exchange.remaining_s()) == (29, 1)
    clock.tick(2)
    assert (exchange.seconds(), exchange.remaining_s()) == (31, 0)
