"""When to fetch a token, and whom to make wait: the table of contract section 5."""

import asyncio
import random
import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from shared.clock import Clock, elapsed
from shared.errors import ArrTokenError, UpstreamTimeout
from shared.settings import REFRESH_JITTER
from shared.tokens.cool_down import CoolDown
from shared.tokens.exchange import Exchange, ExchangeRecord, Outcome, Started
from shared.tokens.issued_token import IssuedToken

NEW_S = 30.0  # younger counts as new, whatever the caller asks: nobody can make the function hammer the STS
_MAX_EXCHANGE_S = 60.0  # contract section 5: 3 times ARR_MAX_WAIT_SECONDS, at most this
_JOURNAL_LENGTH = 100  # contract section 7


class CachedToken(NamedTuple):
    """A token to hand out, its age in seconds, and whether the caller waited for it."""

    token: IssuedToken
    age_s: float
    waited: bool


class Lifetimes(NamedTuple):
    """The three settings that rule a token's life, in seconds."""

    refresh_after_s: float
    min_validity_s: float
    max_wait_s: float


class TokenCache:
    """The one token of this process, and the one exchange that may be live.

    ``get`` belongs to the event loop; exchanges end in threads of their own. ``journal`` holds the last exchanges
    until a request's task writes them to the log.
    """

    def __init__(
        self,
        launch: Callable[[Exchange], None],
        lifetimes: Lifetimes,
        clock: Clock,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.journal: deque[ExchangeRecord] = deque(maxlen=_JOURNAL_LENGTH)
        self._launch = launch
        self._lifetimes = lifetimes
        self._clock = clock
        self._ageing_after_s = lifetimes.refresh_after_s * uniform(1 - REFRESH_JITTER, 1 + REFRESH_JITTER)
        self._lock = threading.Lock()  # for the three below; the token alone is read without it
        self._token: IssuedToken | None = None
        self._live: Exchange | None = None
        self._cool_down = CoolDown(clock, uniform)

    async def get(self, *, min_validity_s: int = 0, renew: bool = False) -> CachedToken:
        """Return a token that has ``min_validity_s`` left if such can be had, else the best there is.

        With ``renew`` the held token was refused, and only a newer one will do. Raises `ArrTokenError`.
        """
        held = self._held(min_validity_s, renew=renew)
        if held is not None:
            return held
        try:
            return await self._fetched(min_validity_s, renew=renew)
        except ArrTokenError:
            held = None if renew else self._held(0, renew=False)
            if held is None:
                raise
            return held

    def start(self, started: Started) -> Exchange | ArrTokenError:
        """Return the live exchange, or a new one, or the last failure while that cools down."""
        with self._lock:
            if self._live is not None:
                return self._live
            if (failure := self._cool_down.refusal()) is not None:
                return failure
            limit_s = min(3 * self._lifetimes.max_wait_s, _MAX_EXCHANGE_S)
            self._live = exchange = Exchange(started, limit_s, self._clock)
            exchange.outcome.add_done_callback(lambda future: self._land(exchange, future.result()))
        self._launch(exchange)
        return exchange

    def _land(self, exchange: Exchange, outcome: Outcome) -> None:
        """Take in what an exchange brought; runs before anyone who waits for it."""
        with self._lock:
            self._live = None
            self.journal.append(ExchangeRecord(exchange.started, outcome, exchange.seconds()))
            if isinstance(outcome, ArrTokenError):
                self._cool_down.failed(outcome)
            else:
                self._token = outcome
                self._cool_down.succeeded()

    async def _fetched(self, min_validity_s: int, *, renew: bool) -> CachedToken:
        deadline = self._clock().monotonic + self._lifetimes.max_wait_s
        while True:
            outcome = await self._outcome(deadline - self._clock().monotonic)
            if isinstance(outcome, ArrTokenError):
                raise outcome
            held = self._held(min_validity_s, renew=renew)
            if held is not None:
                return held._replace(waited=True)

    async def _outcome(self, wait_s: float) -> Outcome:
        exchange = self.start("request")
        if isinstance(exchange, ArrTokenError):
            return exchange
        try:
            outcome = await asyncio.wait_for(asyncio.wrap_future(exchange.outcome), max(wait_s, 0.0))
        except TimeoutError:
            outcome = UpstreamTimeout(upstream=exchange.upstream, kind="wait")
        if not isinstance(outcome, ArrTokenError):
            return outcome
        with self._lock:
            return self._cool_down.outcome(outcome)

    def _held(self, min_validity_s: int, *, renew: bool) -> CachedToken | None:
        """Return the held token if it serves this request, and have an ageing one replaced."""
        token = self._token
        if token is None:
            return None
        age_s = elapsed(token.issued_at, self._clock())
        if age_s >= self._usable_for_s(token):
            return None
        if age_s >= NEW_S and (renew or token.remaining_s(age_s) < min_validity_s):
            return None
        if age_s >= self._ageing_after_s and not self._born_spent(token):
            self.start("refresh")
        return CachedToken(token, age_s, waited=False)

    def _usable_for_s(self, token: IssuedToken) -> float:
        """Return the age at which the token is spent."""
        if token.lifetime_s is None:
            return self._lifetimes.refresh_after_s
        if self._born_spent(token):
            return min(NEW_S, token.lifetime_s)
        return token.lifetime_s - self._lifetimes.min_validity_s

    def _born_spent(self, token: IssuedToken) -> bool:
        return token.lifetime_s is not None and token.lifetime_s <= self._lifetimes.min_validity_s
