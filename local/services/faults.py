"""Faults of a simulated service, and the record of its calls."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

CALLS_KEPT = 10_000


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Replaces a part of a simulated service's normal response. Times are seconds."""

    # From 300 on, the body is the service's error, without a token or a secret.
    status: int | None = None
    # Set on the response; None removes the header.
    headers: Mapping[str, str | None] = field(default_factory=dict)
    # None keeps the body that the simulated service would have sent.
    body: str | bytes | None = None
    # Before anything is sent. A hang is a long delay.
    delay: float = 0.0
    # Abort the TCP connection before any byte, or after half of the headers or of the body.
    drop: Literal["before", "headers", "body"] | None = None
    # From there on, one byte each `interval`.
    trickle: Literal["headers", "body"] | None = None
    interval: float = 1.0
    # Sent in place of HTTP; then the connection is closed.
    raw: bytes | None = None
    # How many requests it applies to; None: all, until cleared.
    times: int | None = None
    # The first requests, to which it does not apply.
    skip: int = 0


@dataclass
class Call:
    """One request to a simulated service. Headers carry secrets, so the repr leaves them out."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    # Wall-clock time.
    started: float = field(default_factory=time.time)
    # None until the response, or if no complete status line was sent.
    status: int | None = None
    # None until the call ends.
    seconds: float | None = None
    response_headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Faults:
    """One per simulated service. Thread-safe: tests and the control API set it from other threads."""

    def __init__(self) -> None:
        #: Called at the beginning of each call, in the services' thread.
        self.on_call: Callable[[Call], None] | None = None
        self._lock = threading.Lock()
        self._fault: Fault | None = None
        self._seen = 0
        self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self._count = 0

    def set(self, fault: Fault) -> None:
        """Replace the fault, if any, and count its `skip` and `times` from here."""
        with self._lock:
            self._fault, self._seen = fault, 0

    def clear(self) -> None:
        with self._lock:
            self._fault = None

    def reset(self) -> None:
        """Clear the fault and forget the calls."""
        with self._lock:
            self._fault = None
            self._calls.clear()
            self._count = 0

    @property
    def current(self) -> Fault | None:
        with self._lock:
            return self._fault

    @property
    def calls(self) -> list[Call]:
        """The last calls, running ones included, oldest first."""
        with self._lock:
            return list(self._calls)

    @property
    def count(self) -> int:
        """The number of calls since the start or the last reset."""
        with self._lock:
            return self._count

    def begin(self, call: Call) -> Fault | None:
        """Record the call, and return the fault that applies to it."""
        if self.on_call is not None:
            self.on_call(call)
        with self._lock:
            self._calls.append(call)
            self._count += 1
            return self._take()

    def _take(self) -> Fault | None:
        fault = self._fault
        if fault is None:
            return None
        self._seen += 1
        if self._seen <= fault.skip:
            return None
        if fault.times is not None and self._seen >= fault.skip + fault.times:
            self._fault = None
            if fault.times <= 0:
                return None
        return fault
