"""How long no exchange starts after a failed one: contract section 5."""

import math
from collections.abc import Callable
from typing import Final

from shared.clock import Clock
from shared.errors import ArrTokenError, TransientError
from shared.limits import MAX_RETRY_AFTER_S

_FIRST_S: Final = 1.0
_LONGEST_S: Final = 60.0
_MAX_DOUBLINGS: Final = 6  # 2 ** 6 is over the 60 s already
_JITTER: Final = 0.9  # a fleet that failed in step comes back spread over the last tenth


class CoolDown:
    """Exponential back-off: 1 s to 60 s, or a transient failure's ``Retry-After`` if that is longer.

    Not thread-safe: the token cache holds its lock. It counts monotonic time, so a changed clock can't shorten it.
    """

    def __init__(self, clock: Clock, uniform: Callable[[float, float], float]) -> None:
        self._clock = clock
        self._uniform = uniform
        self._failure: ArrTokenError | None = None
        self._failures = 0
        self._until = -math.inf

    def failed(self, failure: ArrTokenError) -> None:
        """Start one. Jitter shortens the doubling, never the ``Retry-After``."""
        doubling_s = min(_FIRST_S * 2 ** min(self._failures, _MAX_DOUBLINGS), _LONGEST_S) * self._uniform(_JITTER, 1)
        retry_after_s = failure.retry_after_s if isinstance(failure, TransientError) else None
        self._failure = failure
        self._failures += 1
        self._until = self._clock().monotonic + max(doubling_s, retry_after_s or 0)

    def succeeded(self) -> None:
        """End it, and start again at 1 s after the next failure."""
        self._failure = None
        self._failures = 0
        self._until = -math.inf

    def failure(self) -> ArrTokenError | None:
        """Return the failure that it is for, or None if an exchange may start."""
        return self._failure if self._remaining_s() > 0 else None

    def retry_after_s(self) -> int:
        """Return what callers are told: the whole seconds that remain, from 1 to 3600."""
        return math.ceil(min(max(self._remaining_s(), 1.0), MAX_RETRY_AFTER_S))

    def _remaining_s(self) -> float:
        return self._until - self._clock().monotonic
