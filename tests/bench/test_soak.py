"""The soak of `python -m bench.soak`, short: what it asserts, and that its seed makes it."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.soak import schedule
from bench.soak.arrivals import arrivals
from bench.soak.plan import longest_cool_down

ROOT = Path(__file__).parents[2]


def _soak() -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench.soak", "--seconds", "20", "--rate", "60", "--seed", "237"]
    return subprocess.run(  # noqa: S603 - its own command
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )


def test_everything_holds_for_twenty_seconds() -> None:
    """Faults of every service, load that does not wait for answers, and no assertion fails.

    The seed makes faults and requests, so what the function does wrong comes again; what a busy machine does, doesn't.
    """
    runs = [_soak()]
    if runs[0].returncode != 0:
        runs.append(_soak())
    assert runs[-1].returncode == 0, "\n".join(run.stdout + run.stderr for run in runs)


def test_the_seed_makes_the_run() -> None:
    """The same seed gives the same faults and the same requests at the same times, another one others."""
    one, same, other = (schedule.make(seed, 30, 50) for seed in (7, 7, 8))
    assert repr(one) == repr(same) != repr(other)
    assert list(arrivals(one)) == list(arrivals(same)) != list(arrivals(other))


@pytest.mark.parametrize("seed", range(20))
def test_each_outage_has_time_to_recover(seed: int) -> None:
    """The next one comes after the longest time that the contract gives, so that recovery can be held against it."""
    plan = schedule.make(seed, 120, 1)
    for storm, following in zip(plan.storms, plan.storms[1:], strict=False):
        assert storm.end + storm.recovery_s <= following.begin
        assert storm.recovery_s > storm.longest_cool_down_s
    assert plan.storms[-1].end + plan.storms[-1].recovery_s <= plan.seconds


@pytest.mark.parametrize(
    ("outage_s", "longest_s"),
    [(0.1, 1), (0.89, 1), (0.91, 2), (2.69, 2), (2.71, 4), (6.31, 8), (56, 32), (57, 60), (600, 60)],
)
def test_the_longest_cool_down_is_that_of_the_contract(outage_s: float, longest_s: float) -> None:
    """1 s, doubling to 60 s, for as many failures as fit when jitter shortens each pause by a tenth."""
    assert longest_cool_down(outage_s) == longest_s
    assert longest_cool_down(outage_s, 100) == pytest.approx(110)
