"""shared.tokens.cool_down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import AccountKeyRejected, ArrTokenError, StsThrottled, StsUnavailable, UpstreamTimeout
from shared.tokens.cool_down import CoolDown
from tests.unit.support import JITTERS, FakeClock


def _lasts_s(cool_down: CoolDown, clock: FakeClock) -> float:
    """Return for how long it holds, to the eighth of a second, and let that time pass."""
    eighths = 0
    while cool_down.refusal() is not None:
        clock.tick(1 / 8)
        eighths += 1
    return eighths / 8


def _begun(*failures: ArrTokenError, jitter: str = "none") -> tuple[CoolDown, FakeClock]:
    clock = FakeClock()
    cool_down = CoolDown(clock, JITTERS[jitter])
    for failure in failures:
        cool_down.failed(failure)
    return cool_down, clock


def test_doubling() -> None:
    """After failures in a row no exchange starts for 1, 2, 4, 8, 16, 32 and then ever 60 seconds."""
    cool_down, clock = _begun()
    lengths = []
    for _ in range(15):
        cool_down.failed(StsUnavailable())
        lengths.append(_lasts_s(cool_down, clock))
    assert lengths == [1, 2, 4, 8, 16, 32] + 9 * [60]


def test_the_last_moment() -> None:
    """The cool-down holds just before its end, and is over at its end."""
    cool_down, clock = _begun(StsUnavailable())
    clock.tick(0.999)
    assert isinstance(cool_down.refusal(), StsUnavailable)
    clock.tick(0.001)
    assert cool_down.refusal() is None


@pytest.mark.parametrize("jitter", JITTERS)
@pytest.mark.parametrize("retry_after_s", [2, 30, 3600])
def test_retry_after_is_never_shortened(retry_after_s: int, jitter: str) -> None:
    """The upstream's Retry-After wins when it is longer; jitter adds a twentieth at most, and takes nothing away."""
    cool_down, clock = _begun(StsThrottled(retry_after_s=retry_after_s), jitter=jitter)
    assert retry_after_s <= _lasts_s(cool_down, clock) <= min(retry_after_s * 1.05, 3600) + 1 / 8


@pytest.mark.parametrize("jitter", JITTERS)
def test_doubling_jitters_by_a_tenth(jitter: str) -> None:
    """Workers that failed together come back apart from each other, within a tenth of the time."""
    cool_down, clock = _begun(*[StsUnavailable()] * 7, jitter=jitter)
    assert _lasts_s(cool_down, clock) == {"least": 54, "most": 60, "none": 60}[jitter]


def test_the_first_one_jitters_too() -> None:
    """Workers whose first exchange failed come back apart, and no Retry-After is made up for them."""
    cool_down, clock = _begun(StsUnavailable(), jitter="least")
    clock.tick(0.9)
    assert cool_down.refusal() is None


def test_a_short_retry_after_is_lengthened() -> None:
    """A Retry-After shorter than the doubling changes nothing."""
    cool_down, clock = _begun(*[StsUnavailable()] * 4, StsThrottled(retry_after_s=3))
    assert _lasts_s(cool_down, clock) == 16


def test_a_success_resets() -> None:
    """After a success exchanges start at once, and the next failure counts as the first."""
    cool_down, clock = _begun(*[StsUnavailable()] * 5)
    cool_down.succeeded()
    assert cool_down.refusal() is None
    cool_down.failed(StsUnavailable())
    assert _lasts_s(cool_down, clock) == 1


def test_a_clock_that_is_set_changes_nothing() -> None:
    """Setting this host's clock neither shortens nor lengthens a Retry-After."""
    cool_down, clock = _begun(StsThrottled(retry_after_s=30))
    clock.wall += 10_000
    assert cool_down.refusal() is not None
    clock.wall -= 20_000
    assert _lasts_s(cool_down, clock) == 30


@pytest.mark.parametrize(("sent", "told"), [(1, 1), (2, 2), (30, 30), (3600, 3600)])
def test_who_waited_is_told_the_upstreams_own(sent: int, told: int) -> None:
    """Those who shared the exchange get the upstream's Retry-After as it is, whatever the jitter adds."""
    failure = StsThrottled(retry_after_s=sent)
    cool_down, _ = _begun(failure, jitter="most")
    assert cool_down.outcome(failure).retry_after_s == told


def test_who_waited_in_vain_may_come_back_soon() -> None:
    """Where no failure cools down, a caller's own time-out is told the least."""
    cool_down, _ = _begun()
    assert cool_down.outcome(UpstreamTimeout()).retry_after_s == 1


@pytest.mark.parametrize(
    ("passed_s", "told_s"),
    [
        pytest.param(0, 105, id="with its jitter"),
        pytest.param(0.5, 105, id="rounded up"),
        pytest.param(40, 65, id="what is left"),
        pytest.param(104.5, 1, id="never 0"),
    ],
)
def test_what_is_left_is_told(passed_s: float, told_s: int) -> None:
    """Whoever comes in the cool-down, and back when told, is not sent away again."""
    cool_down, clock = _begun(StsThrottled(retry_after_s=100), jitter="most")
    clock.tick(passed_s)
    refusal = cool_down.refusal()
    assert refusal is not None
    assert refusal.retry_after_s == told_s
    clock.tick(told_s)
    assert cool_down.refusal() is None


def test_an_operators_fault_is_told_without_retry_after() -> None:
    """A refused key cools down as well, but nobody is told that waiting helps."""
    failure = AccountKeyRejected(retry_after_s=30)
    cool_down, _ = _begun(failure)
    refusal = cool_down.refusal()
    assert refusal is not None
    assert refusal.retry_after_s is cool_down.outcome(failure).retry_after_s is None


@given(st.lists(st.tuples(st.integers(0, 3600), st.floats(0, 4000)), min_size=1, max_size=8), st.floats(0, 1))
def test_any_history(failures: list[tuple[int, float]], share: float) -> None:
    """Whatever failed before, a cool-down lasts at least its Retry-After, and callers are told 1 to 3600 seconds."""
    clock = FakeClock()
    cool_down = CoolDown(clock, lambda least, most: least + share * (most - least))
    for retry_after_s, passed_s in failures:
        cool_down.failed(StsThrottled(retry_after_s=retry_after_s))
        clock.tick(passed_s)
        refusal = cool_down.refusal()
        assert refusal is not None or passed_s >= max(retry_after_s, 0.9)
        assert refusal is None or 1 <= (refusal.retry_after_s or 0) <= 3600
