"""In random histories, the cache's results are those of the model of contract section 5."""

import asyncio

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from shared.errors import AccountKeyRejected, StsThrottled, UpstreamTimeout
from shared.tokens.cache import CachedToken, Failure, TokenCache
from shared.tokens.exchange import Exchange, TokenOrFailure
from shared.tokens.issued_token import IssuedToken
from tests.unit.support import FakeClock
from tests.unit.tokens.model import MIN_VALIDITY_S, NEW_S, REFRESH_S, Model, Request

_LIFETIMES = st.one_of(
    st.none(), st.sampled_from([900, 901, 930, 931]), st.integers(1, 1000), st.integers(1000, 90_000)
)
_REQUESTS = st.builds(Request, st.sampled_from([0, 0, 0, 600, 82_800]), st.booleans())
_SPANS = st.one_of(st.floats(0, 3), st.sampled_from([1.0, 15.0, 30.0, 60.0, 870.0, 3240.0]), st.floats(0, 90_000))


class Histories(RuleBasedStateMachine):
    """Cache and model see the same clock and the same events."""

    cache: TokenCache
    model: Model

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = FakeClock()
        self.exchanges: list[Exchange] = []
        self.waiting: list[asyncio.Task[CachedToken | Failure]] = []

    @initialize(share=st.floats(0, 1))
    def load(self, share: float) -> None:
        self.model = Model(self.clock, share)
        self.cache = TokenCache(
            self.exchanges.append,
            refresh_after_s=REFRESH_S,
            min_validity_s=MIN_VALIDITY_S,
            max_wait_s=10,
            clock=self.clock,
            on_finished=lambda _: None,
            uniform=self.model.jitter,
        )
        self.cache.ensure_exchange("load")
        self.model.live = "load"

    @rule(seconds=_SPANS)
    def tick(self, seconds: float) -> None:
        self.clock.tick(seconds)

    @rule(seconds=st.floats(-200_000, 200_000))
    def pause_the_host_or_set_its_clock(self, seconds: float) -> None:
        self.clock.wall += seconds

    @rule(request=_REQUESTS)
    def request(self, request: Request) -> None:
        expected = self.model.request(request)
        task = self.loop.create_task(self.cache.get(**request._asdict()))
        self._run_the_loop()
        if expected is None:
            assert not task.done(), task.result()
            self.waiting.append(task)
        else:
            _compare([task], [expected])
        self._compare_exchanges()

    @precondition(lambda self: self.model.token)
    @rule(which=st.integers(0, 5), off_s=st.sampled_from([-0.5, 0.0, 0.5]), request=_REQUESTS)
    def request_near_a_boundary(self, which: int, off_s: float, request: Request) -> None:
        token = self.model.token
        assert token is not None
        end_s = token.lifetime_s or REFRESH_S
        boundary_s = (
            *(NEW_S, REFRESH_S, self.model.stale_s(token)),
            *(self.model.usable_s(token), end_s, end_s - request.min_validity_s),
        )[which]
        self.clock.tick(max(0.0, boundary_s + off_s - self.model.age_s(token)))
        self.request(request)

    @precondition(lambda self: self.model.cool_down_until > self.clock.monotonic)
    @rule(off_s=st.sampled_from([-0.01, 0.0, 0.5]), request=_REQUESTS)
    def request_near_the_end_of_the_cool_down(self, off_s: float, request: Request) -> None:
        self.clock.tick(max(0.0, self.model.cool_down_until + off_s - self.clock.monotonic))
        self.request(request)

    @precondition(lambda self: self.model.live)
    @rule(lifetime_s=_LIFETIMES, late_s=st.floats(0, 40))
    def succeed(self, lifetime_s: int | None, late_s: float) -> None:
        token = self._token(lifetime_s)
        self.clock.tick(late_s)
        self._complete(token)

    @precondition(lambda self: self.model.live)
    @rule(retry_after_s=st.sampled_from([0, 1, 5, 30, 3600]), transient=st.booleans())
    def fail(self, retry_after_s: int, transient: bool) -> None:
        error = StsThrottled if transient else AccountKeyRejected
        self._complete(error(retry_after_s=retry_after_s))

    @precondition(lambda self: self.model.live)
    @rule(lifetime_s=_LIFETIMES)
    def abort(self, lifetime_s: int | None) -> None:
        stuck = self.exchanges[-1]
        expected = self.model.complete(UpstreamTimeout(kind="deadline"))
        stuck.abort()
        stuck.complete(self._token(lifetime_s))
        self._compare_waiting(expected)

    def teardown(self) -> None:
        for task in self.waiting:
            task.cancel()
        self._run_the_loop()
        self.loop.close()

    def _token(self, lifetime_s: int | None) -> IssuedToken:
        return IssuedToken(value="ey", ms_cv=None, issued_at=self.clock(), expires_on=None, lifetime_s=lifetime_s)

    def _complete(self, result: TokenOrFailure) -> None:
        expected = self.model.complete(result)
        self.exchanges[-1].complete(result)
        self._compare_waiting(expected)

    def _compare_waiting(self, expected: list[CachedToken | Failure]) -> None:
        self._run_the_loop()
        _compare(self.waiting, expected)
        self.waiting.clear()
        self._compare_exchanges()

    def _compare_exchanges(self) -> None:
        live = [exchange.trigger for exchange in self.exchanges if not exchange.result.done()]
        assert live == ([self.model.live] if self.model.live else [])

    def _run_the_loop(self) -> None:
        for _ in range(8):
            self.loop.call_soon(self.loop.stop)
            self.loop.run_forever()


def _compare(tasks: list[asyncio.Task[CachedToken | Failure]], expected: list[CachedToken | Failure]) -> None:
    assert [_shown(task.result()) for task in tasks] == [_shown(result) for result in expected]


def _shown(result: CachedToken | Failure) -> tuple[object, ...]:
    """Return what tells two results apart; a failure that the cache makes is not the model's own instance."""
    return result if isinstance(result, CachedToken) else (result.error.code, result.error.kind, result.retry_after_s)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=150, stateful_step_count=40)
