"""A model of contract section 5, to be compared with a token cache in random histories."""

import math
from typing import NamedTuple

from shared.errors import ArrTokenError, StsInvalidResponse, TransientError
from shared.tokens.cache import CachedToken, Failure
from shared.tokens.exchange import TokenOrFailure, Trigger
from shared.tokens.issued_token import IssuedToken
from tests.unit.support import FakeClock

REFRESH_S, MIN_VALIDITY_S, NEW_S = 3600.0, 900.0, 30.0


class Request(NamedTuple):
    """A request's parameters."""

    min_validity_s: int
    renew: bool


class Model:
    """One cached token, one live exchange and the cool-down, as the contract describes them.

    ``share`` says where in its range each jitter factor lies, from 0 to 1.
    """

    def __init__(self, clock: FakeClock, share: float) -> None:
        self.clock = clock
        self.share = share
        self.token: IssuedToken | None = None
        self.live: Trigger | None = None
        self.waiting: list[Request] = []
        self.failure: ArrTokenError | None = None
        self.failures = 0
        self.cool_down_until = -math.inf

    def request(self, request: Request) -> CachedToken | Failure | None:
        """Return what the request gets at once; None if it waits for the live exchange."""
        cached = self._cached(request)
        if cached is not None:
            if cached.age_s >= self.stale_s(cached.token) and self.may_start():
                self.live = "refresh"
            return cached
        if self.live is None and not self.may_start():
            assert self.failure is not None
            return self._failed(request, self.failure)
        self.live = self.live or "request"
        self.waiting.append(request)
        return None

    def complete(self, result: TokenOrFailure) -> list[CachedToken | Failure]:
        """End the live exchange, and return what the waiting requests get, in their order."""
        renew = any(request.renew for request in self.waiting)
        failure = result if isinstance(result, ArrTokenError) else self._useless(result, renew=renew)
        if failure is None:
            assert isinstance(result, IssuedToken)
            self.token, self.failures, self.cool_down_until = result, 0, -math.inf
        elif self.live != "load" or self.waiting or (isinstance(failure, TransientError) and failure.retry_after_s):
            self._start_cool_down(failure)
        waiting, self.waiting, self.live = self.waiting, [], None
        return [self._after_waiting(request, result, failure) for request in waiting]

    def may_start(self) -> bool:
        return self.live is None and self.clock.monotonic >= self.cool_down_until

    def age_s(self, token: IssuedToken) -> float:
        now, then = self.clock(), token.issued_at
        return max(0.0, now.monotonic - then.monotonic, now.wall - then.wall)

    def usable_s(self, token: IssuedToken) -> float:
        if token.lifetime_s is None:
            return REFRESH_S
        if token.lifetime_s <= MIN_VALIDITY_S + NEW_S:
            return min(NEW_S, token.lifetime_s)
        return token.lifetime_s - MIN_VALIDITY_S

    def stale_s(self, token: IssuedToken) -> float:
        return min(REFRESH_S * self.jitter(0.9, 1.1), self.usable_s(token) / 2)

    def jitter(self, least: float, most: float) -> float:
        return least + self.share * (most - least)

    def _cached(self, request: Request) -> CachedToken | None:
        if self.token is None:
            return None
        age_s = self.age_s(self.token)
        if age_s >= self.usable_s(self.token):
            return None
        too_short = self.token.lifetime_s is not None and self.token.lifetime_s - age_s < request.min_validity_s
        return None if age_s >= NEW_S and (request.renew or too_short) else CachedToken(self.token, age_s, waited=False)

    def _useless(self, token: IssuedToken, *, renew: bool) -> ArrTokenError | None:
        """Return the failure that a token counts as if it is expired, or shorter-lived than the cached one."""
        if not self._alive(token):
            return StsInvalidResponse(kind="expired")
        cached = self.token
        if renew or cached is None or token.lifetime_s is None or cached.lifetime_s is None:
            return None
        shorter = token.lifetime_s - self.age_s(token) < cached.lifetime_s - self.age_s(cached) - 2
        return StsInvalidResponse(kind="lifetime") if shorter else None

    def _start_cool_down(self, failure: ArrTokenError) -> None:
        doubling_s = min(2**self.failures, 60) * self.jitter(0.9, 1)
        retry_after_s = failure.retry_after_s if isinstance(failure, TransientError) else None
        self.failure, self.failures = failure, self.failures + 1
        self.cool_down_until = self.clock.monotonic + max(doubling_s, retry_after_s or 0)

    def _after_waiting(
        self, request: Request, result: TokenOrFailure, failure: ArrTokenError | None
    ) -> CachedToken | Failure:
        if failure is None:
            assert self.token is result
            return CachedToken(self.token, self.age_s(self.token), waited=True)
        return self._failed(request, failure)

    def _failed(self, request: Request, failure: ArrTokenError) -> CachedToken | Failure:
        if self.token is not None and self._alive(self.token) and not request.renew:
            return CachedToken(self.token, self.age_s(self.token), waited=False)
        if not isinstance(failure, TransientError):
            return Failure(failure, None)
        remaining_s = self.cool_down_until - self.clock.monotonic
        return Failure(failure, math.ceil(min(max(remaining_s, 1), 3600)))

    def _alive(self, token: IssuedToken) -> bool:
        return self.age_s(token) < (REFRESH_S if token.lifetime_s is None else token.lifetime_s)
