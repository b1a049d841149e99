"""The amount of measurements, and their settings."""

from enum import IntEnum
from typing import NamedTuple

from bench.apps import App
from bench.services import Distance


class Setting(IntEnum):
    """The conditions of a start: the value is its number in the report."""

    AZURE = 1
    BUSY_HOST = 2
    NO_NETWORK = 3

    @property
    def title(self) -> str:
        """Return its name in plots."""
        return {
            Setting.AZURE: "round trips as in Azure",
            Setting.BUSY_HOST: "the same, on a busy host",
            Setting.NO_NETWORK: "no network",
        }[self]

    @property
    def distances(self) -> dict[str, Distance]:
        """Return the distance of each simulated service."""
        return {} if self is Setting.NO_NETWORK else _AS_IN_AZURE

    @property
    def host_work_s(self) -> float:
        """Return the time that the host keeps all cores busy between loading and the first call."""
        return 0.3 if self is Setting.BUSY_HOST else 0.0


#: Typical within one region.
_AS_IN_AZURE = {
    "identity": Distance(round_trip_s=0.0005, work_s=0.025),
    "key-vault": Distance(round_trip_s=0.002, work_s=0.012),
    "sts": Distance(round_trip_s=0.012, work_s=0.040),
}
#: Starts are measured only for these.
STARTED = (App.OURS, App.FLOOR, App.SAMPLE)
TIMELINES = (App.OURS, App.SAMPLE)


class Plan(NamedTuple):
    """Times in seconds. ``call_points`` are the numbers of requests whose upstream calls are counted."""

    start_rounds: int
    timelines: int
    rounds: int
    calls_after_start: int
    at_once: tuple[int, ...]
    window_s: float
    sts_latency_s: float
    cached_blocks: int
    call_points: dict[App, tuple[int, int]]
    fleet_workers: int

    @property
    def steps(self) -> int:
        """Return the number of measurements, for the progress bar."""
        bytecode, fleet = len(App), 2
        starts = self.start_rounds * len(Setting) * len(STARTED) + self.timelines * len(TIMELINES)
        return bytecode + starts + self.rounds * (len(App) + 1) + len(self.call_points) + fleet


FULL = Plan(
    start_rounds=24,
    timelines=9,
    rounds=5,
    calls_after_start=32,
    at_once=(1, 8, 32, 128),
    window_s=0.5,
    sts_latency_s=0.05,
    cached_blocks=80,
    # The other apps call for every request, so a few requests show the rate.
    call_points={
        App.OURS: (1_000, 100_000),
        App.SAMPLE: (30, 60),
        App.CLIENT: (1_000, 2_000),
        App.CLIENT_ASYNC: (1_000, 2_000),
    },
    fleet_workers=10_000,
)
QUICK = Plan(
    start_rounds=1,
    timelines=1,
    rounds=1,
    calls_after_start=4,
    at_once=(1, 8),
    window_s=0.05,
    sts_latency_s=0.05,
    cached_blocks=4,
    call_points={App.OURS: (50, 500), App.SAMPLE: (2, 12)},
    fleet_workers=50,
)
