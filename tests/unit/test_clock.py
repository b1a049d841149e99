"""shared.clock."""

import time

import pytest

from shared.clock import Moment, elapsed, system_clock


@pytest.mark.parametrize(
    ("monotonic", "wall", "seconds"),
    [
        pytest.param(10.0, 10.0, 10.0, id="both clocks agree"),
        pytest.param(0.0, 10.0, 10.0, id="a paused host stops the monotonic clock"),
        pytest.param(10.0, -500.0, 10.0, id="the wall clock is set back"),
        pytest.param(10.0, 500.0, 500.0, id="the wall clock is set forward"),
        pytest.param(-1.0, -1.0, 0.0, id="no age is negative"),
    ],
)
def test_elapsed(monotonic: float, wall: float, seconds: float) -> None:
    """A token's age is the larger difference of the two clocks, and never negative."""
    assert elapsed(Moment(100.0, 1000.0), Moment(100.0 + monotonic, 1000.0 + wall)) == seconds


def test_system_clock() -> None:
    """The function uses the two clocks of its host."""
    before, read, after = time.monotonic(), system_clock(), time.monotonic()
    assert before <= read.monotonic <= after
    assert read.wall == pytest.approx(time.time(), abs=60)
