"""What holds in every history of time, exchanges and requests."""

import math

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from shared.errors import AccountKeyRejected, StsThrottled
from shared.tokens.cache import Lifetimes, TokenCache
from tests.unit.tokens.model import MIN_S, NEW_S, REFRESH_S, Model

_LIVES = st.one_of(st.none(), st.integers(1, 1000), st.integers(1000, 90_000))
_WISHES = st.sampled_from([0, 0, 0, 600, 82_800])
_SPANS = st.one_of(st.floats(0, 3), st.sampled_from([1.0, 30.0, 60.0, 870.0, 3240.0, 3600.0]), st.floats(0, 90_000))


class Histories(Model):
    """No history hands out a spent token, has two live exchanges, or starts one in a cool-down."""

    @initialize(share=st.floats(0, 1))
    def load(self, share: float) -> None:
        lifetimes = Lifetimes(refresh_after_s=REFRESH_S, min_validity_s=MIN_S, max_wait_s=10)
        self.cache = TokenCache(self.launch, lifetimes, self.clock, lambda least, most: least + share * (most - least))
        self.cache.start("load")

    @rule(seconds=_SPANS)
    def tick(self, seconds: float) -> None:
        self.clock.tick(seconds)

    @precondition(lambda self: self.held)
    @rule(which=st.integers(0, 4), off_s=st.sampled_from([-0.5, 0.0, 0.5]), wish=_WISHES, renew=st.booleans())
    def request_about_an_age(self, which: int, off_s: float, wish: int, renew: bool) -> None:
        assert self.held is not None
        lifetime_s = self.held.lifetime_s or REFRESH_S
        target_s = (NEW_S, REFRESH_S, lifetime_s - MIN_S, lifetime_s, lifetime_s - wish)[which] + off_s
        self.clock.tick(max(0.0, target_s - self.age_s(self.held)))
        self.request(wish, renew)

    @precondition(lambda self: self.resting_until > self.clock.monotonic)
    @rule(off_s=st.sampled_from([-0.01, 0.0, 0.5]))
    def request_about_the_end_of_a_cool_down(self, off_s: float) -> None:
        self.clock.tick(max(0.0, self.resting_until - self.clock.monotonic + off_s))
        self.request(0, renew=False)

    @rule(seconds=st.floats(-200_000, 200_000))
    def pause_or_set_the_clock(self, seconds: float) -> None:
        self.clock.wall += seconds

    @rule(wish=_WISHES, renew=st.booleans())
    def request(self, wish: int, renew: bool) -> None:
        task = self.loop.create_task(self.cache.get(min_validity_s=wish, renew=renew))
        self.requests.append((task, renew))
        self.deliver()

    @precondition(lambda self: self.live())
    @rule(lifetime_s=_LIVES, late_s=st.floats(0, 40))
    def succeed(self, lifetime_s: int | None, late_s: float) -> None:
        token = self.token(lifetime_s)
        self.clock.tick(late_s)
        self.held, self.failures, self.resting_until = token, 0, -math.inf
        self.live()[0].settle(token)
        self.deliver()

    @precondition(lambda self: self.live())
    @rule(retry_after_s=st.sampled_from([None, 0, 1, 30, 3600]))
    def fail(self, retry_after_s: int | None) -> None:
        self.failed(retry_after_s)
        throttled = StsThrottled(retry_after_s=retry_after_s)
        self.live()[0].settle(AccountKeyRejected() if retry_after_s is None else throttled)
        self.deliver()

    @precondition(lambda self: self.live())
    @rule()
    def give_up(self) -> None:
        self.failed(None)
        self.live()[0].give_up()
        self.deliver()

    @precondition(lambda self: len(self.exchanges) > len(self.live()))
    @rule(lifetime_s=_LIVES, data=st.data())
    def land_late(self, lifetime_s: int | None, data: st.DataObject) -> None:
        over = [exchange for exchange in self.exchanges if exchange.outcome.done()]
        data.draw(st.sampled_from(over)).settle(self.token(lifetime_s))
        self.deliver()


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=150, stateful_step_count=40)
