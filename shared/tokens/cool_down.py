"""How long no exchange starts after a failed one: contract section 5."""

import math
from collections.abc import Callable

from shared.clock import Clock
from shared.errors import ArrTokenError, TransientError

_FIRST_S, _LONGEST_S = 1.0, 60.0
_MAX_S = 3600.0  # nobody is told to stay away for longer than an hour
_SHORTER, _LONGER = 0.9, 1.05  # a fleet that failed in step comes back apart, and still near the time it was told


class CoolDown:
    """The failures in a row: 1 s, doubling to 60 s, or the upstream's ``Retry-After`` if that is longer.

    Not thread-safe: the token cache holds its lock. Counts monotonic time, so that no clock that is set shortens a
    ``Retry-After``.
    """

    def __init__(self, clock: Clock, uniform: Callable[[float, float], float]) -> None:
        self._clock = clock
        self._uniform = uniform
        self._failure: ArrTokenError | None = None
        self._failures = 0
        self._promised_until = self._until = -math.inf

    def failed(self, failure: ArrTokenError) -> None:
        """Begin one. Jitter shortens the doubling, and lengthens the upstream's wish: never the other way."""
        now = self._clock().monotonic
        doubling = min(_FIRST_S * 2 ** min(self._failures, 10), _LONGEST_S) * self._uniform(_SHORTER, 1)
        wished = float(failure.retry_after_s or 0)
        self._failure = failure
        self._failures += 1
        self._promised_until = now + max(doubling, wished)
        self._until = now + max(doubling, min(wished * self._uniform(1, _LONGER), _MAX_S))

    def succeeded(self) -> None:
        """End it, and the row of failures."""
        self._failure = None
        self._failures = 0
        self._promised_until = self._until = -math.inf

    def refusal(self) -> ArrTokenError | None:
        """Return the failure with what is left of its cool-down, or None when an exchange may start."""
        if self._failure is None or self._clock().monotonic >= self._until:
            return None
        return self._told(self._failure, self._until)

    def outcome(self, failure: ArrTokenError) -> ArrTokenError:
        """Return the failure for one who waited for it: with the upstream's own wish, where that is what counts."""
        return self._told(failure, self._promised_until)

    def _told(self, failure: ArrTokenError, until: float) -> ArrTokenError:
        if not isinstance(failure, TransientError):
            return failure.again(None)
        left = min(max(until - self._clock().monotonic, 1.0), _MAX_S)
        return failure.again(math.ceil(left))
