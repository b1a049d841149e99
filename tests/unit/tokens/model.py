"""A model of contract section 5 beside a token cache, for random histories."""

import asyncio
import math

from hypothesis.stateful import RuleBasedStateMachine

from shared.errors import ArrTokenError, StsThrottled, UpstreamTimeout
from shared.tokens.cache import CachedToken, TokenCache
from shared.tokens.exchange import Exchange
from shared.tokens.issued_token import IssuedToken
from tests.unit.support import FakeClock

REFRESH_S, MIN_S, NEW_S = 3600.0, 900.0, 30.0


class Model(RuleBasedStateMachine):
    """What the cache may do; both see the same clock."""

    cache: TokenCache

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = FakeClock()
        self.exchanges: list[Exchange] = []
        self.requests: list[tuple[asyncio.Task[CachedToken], bool]] = []
        self.held: IssuedToken | None = None
        self.failures = 0
        self.resting_until = -math.inf

    def launch(self, exchange: Exchange) -> None:
        assert not self.live(), "two live exchanges"
        assert self.clock.monotonic >= self.resting_until, "an exchange in a cool-down"
        self.exchanges.append(exchange)

    def live(self) -> list[Exchange]:
        return [exchange for exchange in self.exchanges if not exchange.outcome.done()]

    def token(self, lifetime_s: int | None) -> IssuedToken:
        return IssuedToken(value="ey", ms_cv=None, issued_at=self.clock(), expires_on=None, lifetime_s=lifetime_s)

    def failed(self, retry_after_s: int | None) -> None:
        doubling_s = min(2**self.failures, 60) * 0.9
        self.failures += 1
        self.resting_until = self.clock.monotonic + max(doubling_s, retry_after_s or 0)

    def age_s(self, token: IssuedToken) -> float:
        now, then = self.clock(), token.issued_at
        return max(0.0, now.monotonic - then.monotonic, now.wall - then.wall)

    def come_to_rest(self) -> None:
        for _ in range(8):
            self.loop.call_soon(self.loop.stop)
            self.loop.run_forever()

    def deliver(self) -> None:
        """Look at what requests got."""
        self.come_to_rest()
        for task, renew in [request for request in self.requests if request[0].done()]:
            self.requests.remove((task, renew))
            error = task.exception()
            if error is None:
                self.check_granted(task.result())
            else:
                assert isinstance(error, ArrTokenError)
                assert renew or not self.usable(self.held), "an upstream's fault in spite of a usable token"
                transient = isinstance(error, StsThrottled | UpstreamTimeout)
                assert 1 <= (error.retry_after_s or 0) <= 3600 if transient else error.retry_after_s is None

    def check_granted(self, grant: CachedToken) -> None:
        assert grant.token is self.held, "a token that is not the newest, or that came too late"
        assert grant.age_s == self.age_s(grant.token)
        assert self.usable(grant.token), "a spent token"

    def usable(self, token: IssuedToken | None) -> bool:
        """Tell whether the contract's table has the token handed out."""
        if token is None:
            return False
        age_s = self.age_s(token)
        if token.lifetime_s is None:
            return age_s < REFRESH_S
        if token.lifetime_s > MIN_S:
            return age_s < token.lifetime_s - MIN_S
        return age_s < NEW_S and age_s < token.lifetime_s

    def teardown(self) -> None:
        for task, _ in self.requests:
            task.cancel()
        self.come_to_rest()
        self.loop.close()
