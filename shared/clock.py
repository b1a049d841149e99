"""Time that tests can move."""

import time
from collections.abc import Callable
from typing import NamedTuple


class Moment(NamedTuple):
    """The two clocks of this host, read together; both in seconds."""

    monotonic: float
    wall: float


type Clock = Callable[[], Moment]


def system_clock() -> Moment:
    """Read this host's clocks."""
    return Moment(time.monotonic(), time.time())


def elapsed(since: Moment, now: Moment) -> float:
    """Return the seconds between two moments: the larger of both clocks' differences, and never negative.

    A paused host stops the monotonic clock, a clock set back the other one.
    """
    return max(now.monotonic - since.monotonic, now.wall - since.wall, 0.0)
