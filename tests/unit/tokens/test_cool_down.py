"""shared.tokens.cool_down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import AccountKeyRejected, AccountKeyUnavailable, ArrTokenError, StsThrottled, StsUnavailable
from shared.tokens.cool_down import CoolDown
from tests.unit.support import JITTERS, FakeClock


def _lasts_s(cool_down: CoolDown, clock: FakeClock) -> float:
    """Return how long it lasts, to the eighth of a second, and let that time pass."""
    eighths = 0
    while cool_down.failure() is not None:
        clock.tick(1 / 8)
        eighths += 1
    return eighths / 8


def _after(*failures: ArrTokenError, jitter: str = "none") -> tuple[CoolDown, FakeClock]:
    clock = FakeClock()
    cool_down = CoolDown(clock, JITTERS[jitter])
    for failure in failures:
        cool_down.failed(failure)
    return cool_down, clock


def test_doubling() -> None:
    """After each failure in a row no exchange starts for 1, 2, 4, 8, 16, 32 and from then on 60 seconds."""
    cool_down, clock = _after()
    lengths = []
    for _ in range(15):
        cool_down.failed(StsUnavailable())
        lengths.append(_lasts_s(cool_down, clock))
    assert lengths == [1, 2, 4, 8, 16, 32] + 9 * [60]


def test_its_end() -> None:
    """The cool-down holds just before its end, and is over at its end."""
    failure = StsUnavailable()
    cool_down, clock = _after(failure)
    clock.tick(0.999)
    assert cool_down.failure() is failure
    clock.tick(0.001)
    assert cool_down.failure() is None


@pytest.mark.parametrize("jitter", JITTERS)
@pytest.mark.parametrize("retry_after_s", [2, 30, 3600])
def test_jitter_leaves_retry_after_alone(retry_after_s: int, jitter: str) -> None:
    """A transient failure's Retry-After is kept exactly if it is longer than the doubling."""
    cool_down, clock = _after(StsThrottled(retry_after_s=retry_after_s), jitter=jitter)
    assert _lasts_s(cool_down, clock) == retry_after_s


@pytest.mark.parametrize("jitter", JITTERS)
def test_jitter_shortens_the_doubling(jitter: str) -> None:
    """Workers that failed together try again at different times, spread over the last tenth."""
    cool_down, clock = _after(*[StsUnavailable()] * 7, jitter=jitter)
    assert _lasts_s(cool_down, clock) == {"least": 54, "most": 60, "none": 60}[jitter]


def test_a_short_retry_after_changes_nothing() -> None:
    """A Retry-After shorter than the doubling does not shorten the cool-down."""
    cool_down, clock = _after(*[StsUnavailable()] * 4, StsThrottled(retry_after_s=3))
    assert _lasts_s(cool_down, clock) == 16


@pytest.mark.parametrize("failure", [AccountKeyUnavailable(retry_after_s=3600), AccountKeyRejected(retry_after_s=60)])
def test_retry_after_of_an_operators_fault_is_ignored(failure: ArrTokenError) -> None:
    """A role that is assigned after a 403 of Key Vault works within the minute, whatever Retry-After came with it."""
    cool_down, clock = _after(failure)
    assert _lasts_s(cool_down, clock) == 1


def test_a_success_ends_it() -> None:
    """After a success an exchange may start at once, and the next failure counts as the first."""
    cool_down, clock = _after(*[StsUnavailable()] * 5)
    cool_down.succeeded()
    assert cool_down.failure() is None
    cool_down.failed(StsUnavailable())
    assert _lasts_s(cool_down, clock) == 1


def test_setting_the_clock_changes_nothing() -> None:
    """Setting this host's wall clock neither shortens nor lengthens a Retry-After."""
    cool_down, clock = _after(StsThrottled(retry_after_s=30))
    clock.wall += 10_000
    assert cool_down.failure() is not None
    clock.wall -= 20_000
    assert _lasts_s(cool_down, clock) == 30


@pytest.mark.parametrize(
    ("failures", "passed_s", "told_s"),
    [
        pytest.param([StsThrottled(retry_after_s=100)], 0, 100, id="all of it"),
        pytest.param([StsThrottled(retry_after_s=100)], 0.5, 100, id="rounded up"),
        pytest.param([StsThrottled(retry_after_s=100)], 40, 60, id="the rest"),
        pytest.param([StsThrottled(retry_after_s=100)], 99.5, 1, id="never 0"),
        pytest.param([StsThrottled(retry_after_s=5)] * 5, 0, 16, id="the doubling is longer than Retry-After"),
        pytest.param([], 0, 1, id="no cool-down"),
    ],
)
def test_a_caller_that_obeys_retry_after_is_not_refused(
    failures: list[ArrTokenError], passed_s: float, told_s: int
) -> None:
    """A caller is told the rest of the cool-down, so that the cool-down is over when the caller comes back."""
    cool_down, clock = _after(*failures)
    clock.tick(passed_s)
    assert cool_down.retry_after_s() == told_s
    clock.tick(told_s)
    assert cool_down.failure() is None


@given(st.lists(st.tuples(st.integers(0, 3600), st.floats(0, 4000)), min_size=1, max_size=8), st.floats(0, 1))
def test_any_history(failures: list[tuple[int, float]], share: float) -> None:
    """After any history of failures a cool-down lasts at least its Retry-After, and callers are told 1 to 3600 s."""
    clock = FakeClock()
    cool_down = CoolDown(clock, lambda least, most: least + share * (most - least))
    for retry_after_s, passed_s in failures:
        cool_down.failed(StsThrottled(retry_after_s=retry_after_s))
        clock.tick(passed_s)
        assert cool_down.failure() is not None or passed_s >= max(retry_after_s, 0.9)
        assert 1 <= cool_down.retry_after_s() <= 3600
