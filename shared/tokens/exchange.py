"""One exchange: identity token, account key, access token. Its result, its deadline, its thread."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from shared.clock import Clock
from shared.errors import ArrTokenError, InternalError, UpstreamTimeout
from shared.tokens.issued_token import IssuedToken

MAX_THREADS: Final = 4  # contract section 5: a name resolver can't be interrupted, so a hanging thread may stay

type Trigger = Literal["load", "request", "refresh"]
type TokenOrFailure = IssuedToken | ArrTokenError


@dataclass(slots=True)
class Progress:
    """What the exchange is doing, for its log line. Written by its thread, read by any.

    ``upstream`` is the service being called, ``key`` the place of the account key in use (``2/2``), ``skipped`` why
    keys before it were not used (``sts:401``).
    """

    upstream: str = "-"
    key: str = "-"
    skipped: list[str] = field(default_factory=list)


class ExchangeResult(NamedTuple):
    """A finished exchange, for its log line."""

    trigger: Trigger
    token_or_failure: TokenOrFailure
    seconds: float
    key: str
    skipped: tuple[str, ...]


class Exchange:
    """One run. It completes once: by its thread, or by its watchdog at the deadline.

    Thread-safe. ``result`` never holds an exception: a failure is a value that all waiting requests share.
    ``on_complete`` is called before any waiting request continues.
    """

    def __init__(
        self,
        trigger: Trigger,
        limit_s: float,
        clock: Clock,
        on_complete: Callable[["Exchange", TokenOrFailure], None] | None = None,
    ) -> None:
        self.trigger = trigger
        self.limit_s = limit_s
        self.progress = Progress()
        self.result: Future[TokenOrFailure] = Future()
        self.result.set_running_or_notify_cancel()  # a request that stops waiting can't cancel it for the others
        self._clock = clock
        self._on_complete = on_complete
        self._began = clock().monotonic
        self._abort: Callable[[], None] | None = None
        self._lock = threading.Lock()

    def seconds(self) -> float:
        """Return how long it has been running."""
        return self._clock().monotonic - self._began

    def remaining_s(self) -> float:
        """Return the seconds to the deadline; 0 once it has passed."""
        return max(0.0, self.limit_s - self.seconds())

    def complete(self, result: TokenOrFailure) -> None:
        """Set the result; a second one is discarded."""
        with self._lock:
            if self.result.done():
                return
            if self._on_complete is not None:
                self._on_complete(self, result)
            self.result.set_result(result)

    def on_abort(self, abort: Callable[[], None]) -> None:
        """Register what ends the calls under way; called at once if the exchange has completed already."""
        with self._lock:
            self._abort = abort
            too_late = self.result.done()
        if too_late:
            abort()

    def abort(self) -> None:
        """Complete it as failed and end its calls."""
        self.complete(UpstreamTimeout(upstream=self.progress.upstream, kind="deadline"))
        with self._lock:
            abort = self._abort
        if abort is not None:
            abort()


def run_in_thread(
    exchange: Exchange, *, run: Callable[[Exchange], IssuedToken], slots: threading.BoundedSemaphore
) -> None:
    """Run the exchange on a daemon thread of its own, with a watchdog that aborts it at its deadline.

    Raises nothing: if no thread can be started, the exchange completes as failed. (A thread pool would be blocked by a
    stuck exchange, and would wait for it when the process exits.)
    """
    if not slots.acquire(blocking=False):
        exchange.complete(UpstreamTimeout(kind="threads"))
        return
    try:
        _start(exchange, run, slots)
    except Exception as error:  # noqa: BLE001  # RuntimeError or MemoryError: an ordinary failed exchange
        slots.release()
        exchange.complete(InternalError.from_exception(error))


def _start(exchange: Exchange, run: Callable[[Exchange], IssuedToken], slots: threading.BoundedSemaphore) -> None:
    watchdog = threading.Timer(exchange.limit_s, exchange.abort)
    watchdog.name, watchdog.daemon = "arr-token-watchdog", True

    def work() -> None:
        try:
            exchange.complete(_result_of(run, exchange))
        finally:
            slots.release()
            watchdog.cancel()

    watchdog.start()
    try:
        threading.Thread(target=work, name="arr-token-exchange", daemon=True).start()
    except Exception:
        watchdog.cancel()
        raise


def _result_of(run: Callable[[Exchange], IssuedToken], exchange: Exchange) -> TokenOrFailure:
    try:
        return run(exchange)
    except ArrTokenError as failure:
        return failure.without_traceback()
    except Exception as error:  # noqa: BLE001  # waiting requests must not wait for their deadline because of a bug
        return InternalError.from_exception(error, exchange.progress.upstream)
