"""One exchange: identity token → key → access token. Its outcome, its deadline, and how it is given up."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Literal, NamedTuple

from shared.clock import Clock
from shared.errors import ArrTokenError, InternalError, UpstreamTimeout
from shared.tokens.issued_token import IssuedToken

type Started = Literal["load", "request", "refresh"]
type Outcome = IssuedToken | ArrTokenError


class ExchangeRecord(NamedTuple):
    """What is told of an exchange that has ended."""

    started: Started
    outcome: Outcome
    seconds: float


class Exchange:
    """One run, settled once: by its thread with what it brought, or by its watchdog at the deadline.

    Thread-safe. ``outcome`` never holds an exception: failures are values, shared by all who wait.
    """

    def __init__(self, started: Started, limit_s: float, clock: Clock) -> None:
        self.started = started
        self.limit_s = limit_s
        self.upstream = "-"  # whom it is talking to; the connections keep it true
        self.outcome: Future[Outcome] = Future()
        self.outcome.set_running_or_notify_cancel()  # from here on no waiter that leaves can cancel it for the others
        self._clock = clock
        self._began = clock().monotonic
        self._stop: Callable[[], None] | None = None
        self._lock = threading.Lock()

    def seconds(self) -> float:
        """Return for how long it has been running."""
        return self._clock().monotonic - self._began

    def remaining_s(self) -> float:
        """Return the seconds to the deadline; 0 once it has passed."""
        return max(0.0, self.limit_s - self.seconds())

    def settle(self, outcome: Outcome) -> None:
        """Set the outcome; what comes after the first is dropped."""
        with self._lock:
            if self.outcome.done():
                return
            self.outcome.set_result(outcome)

    def when_given_up(self, stop: Callable[[], None]) -> None:
        """Have ``stop`` called when the exchange is given up, at once if it has been."""
        with self._lock:
            self._stop = stop
            given_up = self.outcome.done()
        if given_up:
            stop()

    def give_up(self) -> None:
        """Count it as failed and end what it is doing."""
        self.settle(UpstreamTimeout(upstream=self.upstream, kind="deadline"))
        with self._lock:
            stop = self._stop
        if stop is not None:
            stop()


def launch(exchange: Exchange, run: Callable[[Exchange], IssuedToken]) -> None:
    """Run the exchange on a daemon thread of its own, with a watchdog that gives it up at its deadline.

    A pool would be blocked by a stuck exchange and would join it at exit.
    """
    watchdog = threading.Timer(exchange.limit_s, exchange.give_up)
    watchdog.daemon = True

    def work() -> None:
        try:
            outcome: Outcome = run(exchange)
        except ArrTokenError as error:
            outcome = error.again(error.retry_after_s)  # without the traceback, which holds every local variable
        except Exception as error:  # noqa: BLE001  # a bug must not leave waiters to their deadlines
            outcome = InternalError(upstream=exchange.upstream, kind=type(error).__name__)
        exchange.settle(outcome)
        watchdog.cancel()

    try:
        watchdog.start()
        threading.Thread(target=work, name="arr-token-exchange", daemon=True).start()
    except RuntimeError:  # the host has no thread left
        watchdog.cancel()
        exchange.settle(InternalError(kind="RuntimeError"))
