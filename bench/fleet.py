"""A fleet over a day: the project's own cache on a simulated clock, discrete events, no threads.

Workers start in step, the STS is down for an hour in the middle of the day, and STS and Key Vault throttle. The gaps
between requests are exponential, so that those which change nothing can be jumped over: the ones that find a fresh
token, or an ageing one while a failure cools down. Every other request is an event.
"""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Final, cast

from bench import day
from shared.clock import Moment
from shared.errors import ArrTokenError, KeyVaultUnavailable, StsThrottled, StsUnavailable
from shared.settings import REFRESH_JITTER, TOKEN_LIFE_S
from shared.tokens.cache import CachedToken, Lifetimes, TokenCache
from shared.tokens.exchange import Exchange, Outcome
from shared.tokens.issued_token import IssuedToken

_LIFETIMES: Final = Lifetimes(refresh_after_s=3_600, min_validity_s=900, max_wait_s=10)  # the defaults
_UPSTREAM_S: Final = 0.05  # what each upstream takes to answer
_RETRY_PAUSES_S: Final = ((0.1, 0.3), (0.2, 0.6))  # of a 5xx within one exchange, as in shared.upstreams.transport
_LEAST_COOL_DOWN: Final = 0.9  # with jitter, of 1 s, doubling to 60 s: contract section 5
_LONGEST_COOL_DOWN_S: Final = 60

type Uniform = Callable[[float, float], float]


def simulate(workers: int, *, jitter: bool, seed: int = 1) -> day.Day:
    """Run the day."""
    return _Simulation(workers, random.Random(seed), jitter=jitter).run()


def _no_jitter(low: float, high: float) -> float:  # noqa: ARG001  # all jitter here is a factor
    return 1.0


class _Worker:
    """One worker process, and what the simulation knows of its token."""

    def __init__(self, simulation: "_Simulation", uniform: Uniform) -> None:
        # The cache draws this factor first; here, the simulation learns it.
        self._first = [uniform(1 - REFRESH_JITTER, 1 + REFRESH_JITTER)]
        self._uniform = uniform
        self.fresh_for_s = _LIFETIMES.refresh_after_s * self._first[0]
        self.idle_until = self.spent_at = 0.0
        self.failures = self.exchanges = 0
        launch = partial(simulation.exchange, self)
        self.cache = TokenCache(launch, _LIFETIMES, simulation.clock, self._draw)

    def _draw(self, low: float, high: float) -> float:
        return self._first.pop() if self._first else self._uniform(low, high)


class _Simulation:
    def __init__(self, workers: int, chance: random.Random, *, jitter: bool) -> None:
        self._chance = chance
        self._least = _LEAST_COOL_DOWN if jitter else 1.0
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
            worker.cache.start("load")
            self._next_request(worker)
        while self._events[0][0] < day.DAY_S:
            self._now, _, event = heapq.heappop(self._events)
            event()
        return self._day

    def exchange(self, worker: _Worker, exchange: Exchange) -> None:
        """Read the key, then go to the STS. A worker's first read costs two calls: the vault says first where it is."""
        worker.exchanges += 1
        self._day.vault[int(self._now)] += 2 if worker.exchanges == 1 else 1
        window = int(self._now / day.VAULT_WINDOW_S)
        self._vault_windows[window] += 1
        if self._vault_windows[window] > day.VAULT_LIMIT:
            throttled = KeyVaultUnavailable(upstream_status=429)
            self._after(_UPSTREAM_S, partial(self._settle, worker, exchange, throttled))
        else:
            self._after(2 * _UPSTREAM_S, partial(self._at_sts, worker, exchange, 0))

    def _at_sts(self, worker: _Worker, exchange: Exchange, retries: int) -> None:
        second = int(self._now)
        self._day.sts[second] += 1
        outcome: Outcome
        if day.OUTAGE_S[0] <= self._now < day.OUTAGE_S[1]:
            if retries < len(_RETRY_PAUSES_S):
                pause_s = self._chance.uniform(*_RETRY_PAUSES_S[retries])
                self._after(pause_s, partial(self._at_sts, worker, exchange, retries + 1))
                return
            outcome = StsUnavailable(upstream_status=503)
        elif self._day.sts[second] > day.STS_LIMIT:
            outcome = StsThrottled(upstream_status=429, retry_after_s=day.STS_RETRY_AFTER_S)
        else:
            outcome = IssuedToken(
                value="t", ms_cv=None, issued_at=self.clock(), expires_on=None, lifetime_s=TOKEN_LIFE_S
            )
        self._settle(worker, exchange, outcome)

    def _settle(self, worker: _Worker, exchange: Exchange, outcome: Outcome) -> None:
        if isinstance(outcome, IssuedToken):
            if not worker.spent_at:
                self._day.supply(self._now)
            worker.spent_at = self._now + TOKEN_LIFE_S - _LIFETIMES.min_validity_s
            worker.failures, idle_s = 0, worker.fresh_for_s
        else:
            worker.failures += 1
            idle_s = self._least * min(2 ** (worker.failures - 1), _LONGEST_COOL_DOWN_S)
        worker.idle_until = self._now + idle_s
        exchange.settle(outcome)
        worker.cache.journal.clear()  # as a request does when it writes it to the log

    def _request(self, worker: _Worker) -> None:
        minute = int(self._now / 60)
        if self._now < worker.spent_at:
            _held(worker.cache)
        elif isinstance(outcome := worker.cache.start("request"), Exchange):
            outcome.outcome.add_done_callback(lambda future: self._answered(minute, future.result()))
        else:
            self._answered(minute, outcome)
        self._next_request(worker)

    def _answered(self, minute: int, outcome: Outcome) -> None:
        self._day.refused[minute] += isinstance(outcome, ArrTokenError)

    def _next_request(self, worker: _Worker) -> None:
        idle_s = max(worker.idle_until - self._now, 0.0) if self._now < worker.spent_at else 0.0
        self._after(idle_s + self._chance.expovariate(1 / day.REQUEST_GAP_S), partial(self._request, worker))

    def _after(self, seconds: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self._now + seconds, next(self._order), event))


def _held(cache: TokenCache) -> CachedToken:
    """Ask for a token that is held: it comes without waiting for anything, so that no event loop is needed."""
    try:
        cache.get().send(None)
    except StopIteration as answered:
        return cast("CachedToken", answered.value)
    raise RuntimeError("a held token was waited for")
