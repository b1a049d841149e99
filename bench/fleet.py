"""Simulates a fleet over a day: the project's own token cache on a simulated clock, as discrete events.

Workers start in step, the STS is down for an hour in the middle of the day, and STS and Key Vault throttle. The gaps
between requests are exponential, so requests that change nothing can be skipped: those that find a token that is not
stale, or a stale one during a cool-down. Every other request is an event.
"""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Final

from bench import day
from shared.clock import Moment
from shared.errors import ArrTokenError, KeyVaultUnavailable, StsThrottled, StsUnavailable
from shared.limits import TOKEN_LIFETIME_S
from shared.tokens.cache import CachedToken, TokenCache
from shared.tokens.exchange import Exchange, TokenOrFailure
from shared.tokens.issued_token import IssuedToken
from shared.tokens.lifetimes import REFRESH_JITTER, LifetimePolicy, stale_after_s, usable_for_s

_REFRESH_AFTER_S: Final = 3_600  # this and the next two constants are the settings' defaults
_MIN_VALIDITY_S: Final = 900
_MAX_WAIT_S: Final = 10
_UPSTREAM_S: Final = 0.05  # the time that each upstream takes to respond
_MIN_COOL_DOWN: Final = 0.9  # jitter's smallest share of a cool-down of 1 s, doubling to 60 s: contract section 5
_MAX_COOL_DOWN_S: Final = 60

type Uniform = Callable[[float, float], float]


def simulate(workers: int, *, jitter: bool, seed: int = 1) -> day.Day:
    """Run the day."""
    return _Simulation(workers, random.Random(seed), jitter=jitter).run()


def _no_jitter(low: float, high: float) -> float:  # noqa: ARG001  # every jitter here is a factor
    return 1.0


class _Worker:
    """One worker process, and what the simulation knows of its token."""

    def __init__(self, simulation: "_Simulation", uniform: Uniform) -> None:
        # The cache draws this factor first, and the simulation has to know it.
        self._factors = [uniform(1 - REFRESH_JITTER, 1 + REFRESH_JITTER)]
        self._uniform = uniform
        self.policy = LifetimePolicy(_REFRESH_AFTER_S, _REFRESH_AFTER_S * self._factors[0], _MIN_VALIDITY_S)
        self.idle_until = self.usable_until = 0.0
        self.failures = 0
        self.cache = TokenCache(
            partial(simulation.exchange, self),
            refresh_after_s=_REFRESH_AFTER_S,
            min_validity_s=_MIN_VALIDITY_S,
            max_wait_s=_MAX_WAIT_S,
            clock=simulation.clock,
            on_finished=lambda _: None,
            uniform=self._draw,
        )

    def _draw(self, low: float, high: float) -> float:
        return self._factors.pop() if self._factors else self._uniform(low, high)


class _Simulation:
    def __init__(self, workers: int, chance: random.Random, *, jitter: bool) -> None:
        self._chance = chance
        self._min_cool_down = _MIN_COOL_DOWN if jitter else 1.0
        self._now = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._vault_windows: Counter[int] = Counter()
        self._day = day.Day(workers)
        self._workers = [_Worker(self, chance.uniform if jitter else _no_jitter) for _ in range(workers)]

    def clock(self) -> Moment:
        return Moment(self._now, self._now)

    def run(self) -> day.Day:
        for worker in self._workers:
            worker.cache.ensure_exchange("load")
            self._next_request(worker)
        while self._events[0][0] < day.DAY_S:
            self._now, _, event = heapq.heappop(self._events)
            event()
        return self._day

    def exchange(self, worker: _Worker, exchange: Exchange) -> None:
        """Read the key, then call the STS. One call reads it: the token scope of a vault in Azure is known."""
        self._day.vault[int(self._now)] += 1
        window = int(self._now / day.VAULT_WINDOW_S)
        self._vault_windows[window] += 1
        if self._vault_windows[window] > day.VAULT_LIMIT:
            throttled = KeyVaultUnavailable(upstream_status=429)
            self._after(_UPSTREAM_S, partial(self._complete, worker, exchange, throttled))
        else:
            self._after(2 * _UPSTREAM_S, partial(self._call_sts, worker, exchange))

    def _call_sts(self, worker: _Worker, exchange: Exchange) -> None:
        """Call once: in the outage all exchanges are background refreshes, which retry nothing."""
        second = int(self._now)
        self._day.sts[second] += 1
        result: TokenOrFailure
        if day.OUTAGE_S[0] <= self._now < day.OUTAGE_S[1]:
            result = StsUnavailable(upstream_status=503)
        elif self._day.sts[second] > day.STS_LIMIT:
            result = StsThrottled(upstream_status=429, retry_after_s=day.STS_RETRY_AFTER_S)
        else:
            result = IssuedToken(
                value="t", ms_cv=None, issued_at=self.clock(), expires_on=None, lifetime_s=TOKEN_LIFETIME_S
            )
        self._complete(worker, exchange, result)

    def _complete(self, worker: _Worker, exchange: Exchange, result: TokenOrFailure) -> None:
        if isinstance(result, IssuedToken):
            if not worker.usable_until:
                self._day.supply(self._now)
            worker.usable_until = self._now + usable_for_s(result, worker.policy)
            worker.failures, idle_s = 0, stale_after_s(result, worker.policy)
        else:
            worker.failures += 1
            idle_s = self._min_cool_down * min(2 ** (worker.failures - 1), _MAX_COOL_DOWN_S)
        worker.idle_until = self._now + idle_s
        exchange.complete(result)

    def _request(self, worker: _Worker) -> None:
        minute = int(self._now / 60)
        if self._now < worker.usable_until:
            _require_cached(worker.cache)
        elif isinstance(exchange := worker.cache.ensure_exchange("request"), Exchange):
            exchange.result.add_done_callback(lambda result: self._count(minute, result.result()))
        else:
            self._day.refused[minute] += 1
        self._next_request(worker)

    def _count(self, minute: int, result: TokenOrFailure) -> None:
        self._day.refused[minute] += isinstance(result, ArrTokenError)

    def _next_request(self, worker: _Worker) -> None:
        idle_s = max(worker.idle_until - self._now, 0.0) if self._now < worker.usable_until else 0.0
        self._after(idle_s + self._chance.expovariate(1 / day.REQUEST_GAP_S), partial(self._request, worker))

    def _after(self, seconds: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self._now + seconds, next(self._order), event))


def _require_cached(cache: TokenCache) -> None:
    """Make a request that the cache serves without waiting, so that it needs no event loop."""
    try:
        cache.get(min_validity_s=0, renew=False).send(None)
    except StopIteration as returned:
        if isinstance(returned.value, CachedToken):
            return
    raise RuntimeError("a usable token was not served from the cache")
