"""Decides when to fetch a token and which requests wait: the table of contract section 5."""

import asyncio
import random
import threading
from collections.abc import Callable
from typing import Final, NamedTuple

from shared.clock import Clock, elapsed
from shared.errors import ArrTokenError, StsInvalidResponse, TransientError, UpstreamTimeout
from shared.tokens.cool_down import CoolDown
from shared.tokens.exchange import Exchange, ExchangeResult, TokenOrFailure, Trigger
from shared.tokens.issued_token import IssuedToken
from shared.tokens.lifetimes import (
    REFRESH_JITTER,
    LifetimePolicy,
    is_shorter,
    satisfies,
    served_for_s,
    stale_after_s,
    usable_for_s,
)

_MAX_EXCHANGE_S: Final = 60.0  # contract section 5: 3 times ARR_MAX_WAIT_SECONDS, at most this


class CachedToken(NamedTuple):
    """A token to hand out, its age in seconds, and whether the request waited for it."""

    token: IssuedToken
    age_s: float
    waited: bool


class Failure(NamedTuple):
    """Why there is no token, and the seconds after which a caller may try again (None: an operator must act)."""

    error: ArrTokenError
    retry_after_s: int | None


class TokenCache:
    """The one token of this process, and the one exchange that may be live.

    `get` is for the event loop; every other public method is thread-safe. ``on_finished`` is called on the
    exchange's thread or its watchdog's, before any waiting request continues.
    """

    def __init__(  # noqa: PLR0913  # three of them are the settings of a token's life
        self,
        run: Callable[[Exchange], None],
        *,
        refresh_after_s: float,
        min_validity_s: float,
        max_wait_s: float,
        clock: Clock,
        on_finished: Callable[[ExchangeResult], None],
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        jittered_s = refresh_after_s * uniform(1 - REFRESH_JITTER, 1 + REFRESH_JITTER)
        self._policy = LifetimePolicy(refresh_after_s, jittered_s, min_validity_s)
        self._run = run
        self._max_wait_s = max_wait_s
        self._clock = clock
        self._on_finished = on_finished
        self._lock = threading.Lock()  # guards all below; held from a look at the token to the decision about it
        self._token: IssuedToken | None = None
        self._live: Exchange | None = None
        self._awaited = False  # whether a request waits, or has waited, for the live exchange
        self._renew = False  # whether one of those requests sent no-cache
        self._cool_down = CoolDown(clock, uniform)

    async def get(self, *, min_validity_s: int, renew: bool) -> CachedToken | Failure:
        """Return a token with ``min_validity_s`` left, or else the longest-lived one available.

        With ``renew`` the cached token was rejected: return a newer one or the failure.
        """
        with self._lock:
            cached = self._cached(self._token, usable_for_s)
            if cached is not None and satisfies(cached.token, cached.age_s, min_validity_s=min_validity_s, renew=renew):
                if cached.age_s < stale_after_s(cached.token, self._policy):
                    return cached
                exchange, new = self._join("refresh")
            else:
                cached = None
                exchange, new = self._join("request", renew=renew)
        if new is not None:
            self._run(new)
        if cached is not None:
            return cached
        result = await self._wait_for(exchange)
        if isinstance(result, Failure):
            alive = None if renew else self._cached(self._token, served_for_s)
            return alive or result
        alive = self._cached(result if renew else self._token, served_for_s)
        if alive is None:  # it took longer to come than it lives
            return self._failure(_unusable(result, "expired"))
        return alive._replace(waited=alive.token is result)

    def ensure_exchange(self, trigger: Trigger) -> Exchange | Failure:
        """Return the live exchange, or start one, or return the last failure during its cool-down."""
        with self._lock:
            exchange, new = self._join(trigger)
        if new is not None:
            self._run(new)
        return exchange

    def _join(self, trigger: Trigger, *, renew: bool = False) -> tuple[Exchange | Failure, Exchange | None]:
        """Return what `ensure_exchange` does, and the exchange to run without the lock if it is a new one."""
        new: Exchange | None = None
        if self._live is None:
            if (failure := self._cool_down.failure()) is not None:
                return self._failure(failure), None
            limit_s = min(3 * self._max_wait_s, _MAX_EXCHANGE_S)
            self._live = new = Exchange(trigger, limit_s, self._clock, self._finish)
            self._awaited = self._renew = False
        self._awaited = self._awaited or trigger == "request"
        self._renew = self._renew or renew
        return self._live, new

    def _finish(self, exchange: Exchange, result: TokenOrFailure) -> None:
        with self._lock:
            result = self._checked(result)
            if isinstance(result, IssuedToken):
                self._token = result
                self._cool_down.succeeded()
            elif self._awaited or exchange.trigger != "load" or _retry_after_s(result):
                self._cool_down.failed(result)
            self._live = None
        progress = exchange.progress
        self._on_finished(
            ExchangeResult(exchange.trigger, result, exchange.seconds(), progress.key, tuple(progress.skipped))
        )

    def _checked(self, result: TokenOrFailure) -> TokenOrFailure:
        """Return a failure in place of a token that is of no use: expired already, or worse than the cached one."""
        if not isinstance(result, IssuedToken):
            return result
        age_s = self._age_s(result)
        if age_s >= served_for_s(result, self._policy):
            return _unusable(result, "expired")
        cached = self._token
        if cached is None or self._renew or not is_shorter(result, age_s, cached, self._age_s(cached)):
            return result
        return _unusable(result, "lifetime")

    async def _wait_for(self, exchange: Exchange | Failure) -> IssuedToken | Failure:
        if isinstance(exchange, Failure):
            return exchange
        try:
            result = await asyncio.wait_for(asyncio.wrap_future(exchange.result), self._max_wait_s)
        except TimeoutError:
            result = UpstreamTimeout(upstream=exchange.progress.upstream, kind="wait")
        if isinstance(result, IssuedToken):
            return result
        return self._failure(result)

    def _failure(self, error: ArrTokenError) -> Failure:
        return Failure(error, self._cool_down.retry_after_s() if isinstance(error, TransientError) else None)

    def _cached(
        self, token: IssuedToken | None, limit_s: Callable[[IssuedToken, LifetimePolicy], float]
    ) -> CachedToken | None:
        if token is None:
            return None
        age_s = self._age_s(token)
        return None if age_s >= limit_s(token, self._policy) else CachedToken(token, age_s, waited=False)

    def _age_s(self, token: IssuedToken) -> float:
        return elapsed(token.issued_at, self._clock())


def _unusable(token: IssuedToken, kind: str) -> StsInvalidResponse:
    return StsInvalidResponse(ms_cv=token.ms_cv, upstream="sts", kind=kind)


def _retry_after_s(result: ArrTokenError) -> int | None:
    return result.retry_after_s if isinstance(result, TransientError) else None
