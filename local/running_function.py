"""The running function's state: its cached token, the live exchange, its cool-down.

Only this file of the stack uses private names of `shared/`, which has no reference to the stack. Without a running
function, or if its settings are wrong, there is no cache and everything is None.
"""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from local.services import jwts
from shared.tokens import lifetimes

_MODULE = "__app__.GetArrToken"


class CachedTokenState(NamedTuple):
    """The cached token. Times are seconds: `issued` is wall-clock time, the others are ages.

    An unusable token is still returned if the exchange fails, until it expires.
    """

    issued: float
    lifetime: float | None
    stale_after: float
    unusable_after: float
    expired_after: float
    ms_cv: str | None
    claims: dict[str, Any] | None


class CoolDownState(NamedTuple):
    """The reason of the cool-down, and its end (wall-clock time)."""

    code: str
    status: int
    until: float


class LiveExchange(NamedTuple):
    """An exchange that was running when it was read, and its cache."""

    cache: Any
    exchange: Any

    @property
    def trigger(self) -> str:
        """One of load, request and refresh."""
        return str(self.exchange.trigger)

    def when_done(self, call: Callable[[str, float], None]) -> None:
        """Have `call` called with the log's `outcome` field and the seconds, in the thread that completes the exchange.

        `outcome` is `ok` or the failure's code.
        """
        self.exchange.result.add_done_callback(lambda _: call(self._outcome(), self.exchange.seconds()))

    def _outcome(self) -> str:
        result = self.exchange.result.result()
        if isinstance(code := getattr(result, "code", None), str):
            return code
        # The cache rejects a token that is expired, or shorter-lived than the cached one.
        return "ok" if self.cache._token is result else "sts-invalid-response"


def cached_token() -> CachedTokenState | None:
    """Return the cached token, usable or not."""
    cache = _cache()
    token = cache and cache._token
    if token is None:
        return None
    policy = cache._policy
    try:
        claims = jwts.unverified_claims(token.value)
    except ValueError:
        claims = None
    return CachedTokenState(
        issued=token.issued_at.wall,
        lifetime=token.lifetime_s,
        stale_after=lifetimes.stale_after_s(token, policy),
        unusable_after=lifetimes.usable_for_s(token, policy),
        expired_after=lifetimes.served_for_s(token, policy),
        ms_cv=token.ms_cv,
        claims=claims,
    )


def live_exchange() -> LiveExchange | None:
    """Return the live exchange; all calls of one exchange get equal values."""
    cache = _cache()
    exchange = cache and cache._live
    return exchange and LiveExchange(cache, exchange)


def is_configured() -> bool:
    """Tell whether the function has all required settings."""
    return _cache() is not None


def cool_down() -> CoolDownState | None:
    """Return the cool-down, if one is active."""
    cache = _cache()
    if cache is None:
        return None
    failure = cache._cool_down.failure()
    if failure is None:
        return None
    now = cache._clock()
    until = now.wall + cache._cool_down._until - now.monotonic
    return CoolDownState(failure.code, failure.status, round(until, 1))


def end_cool_down() -> None:
    """Let the next request start an exchange at once."""
    cache = _cache()
    if cache is not None:
        with cache._lock:
            cache._cool_down.succeeded()


def _cache() -> Any:
    """Return the token cache of the loaded function; each restart makes a new one."""
    handler = getattr(sys.modules.get(_MODULE), "_HANDLER", None)
    return getattr(handler, "_cache", None)
