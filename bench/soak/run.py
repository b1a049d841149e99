"""Carries out a plan: the simulated services here, the function and its callers in processes of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Final, NamedTuple

from bench.soak.host import ROOT
from bench.soak.plan import LOAD_BEGINS_S, MAX_WAIT_S, MIN_VALIDITY_S, REFRESH_AFTER_S, WARM_UP_S, FaultWindow, Plan
from bench.soak.services import RecordingServices
from local.services.account import SECRET_NAMES
from tests.environment import without_ours

_LEAD_S: Final = 2.0  # for the callers' process to start
_END_S: Final = 30.0  # for the last responses, and for a child to end
_COUNT_S: Final = (WARM_UP_S + LOAD_BEGINS_S) / 2


class Run(NamedTuple):
    """A finished run; ``windows`` are the planned ones at their actual times, by the wall clock."""

    started: float
    services: RecordingServices
    windows: list[FaultWindow]


def carry_out(plan: Plan, directory: Path) -> Run:
    """Run the plan, with the children's files in the directory."""
    windows: list[FaultWindow] = []
    numbers = (str(plan.seed), str(plan.seconds), str(plan.rate))
    with RecordingServices(plan.seed) as services, _child(directory, "host", env=_environment(services)) as host:
        url = next(iter(host.stdout or ()), "").strip()
        if not url:
            raise RuntimeError(f"the host did not start: {(directory / 'host.err').read_text(encoding='utf-8')}")
        started = time.time() + _LEAD_S
        with _child(directory, "load", *numbers, url, str(started), ends_in_s=_LEAD_S + plan.end + _END_S):
            _sleep_until(started + _COUNT_S)
            print("count", file=host.stdin, flush=True)
            for planned in plan.windows():
                services.lifetime_s = planned.lifetime_s
                begin = _sleep_until(started + planned.begin)
                services.begin(planned.outage)
                end = _sleep_until(started + planned.end)
                services.end(planned.outage)
                windows.append(planned._replace(begin=begin, end=end))
                _sleep_until(started + planned.end + planned.recovery_s)
    return Run(started, services, windows)


def _sleep_until(at: float) -> float:
    """Return the actual time."""
    time.sleep(max(0.0, at - time.time()))
    return time.time()


def _environment(services: RecordingServices) -> dict[str, str]:
    return {
        **without_ours(os.environ),
        **services.environment(),
        "ARR_ACCOUNT_KEY_SECRETS": ",".join(SECRET_NAMES.values()),
        "ARR_REFRESH_AFTER_SECONDS": str(REFRESH_AFTER_S),
        "ARR_MIN_VALIDITY_SECONDS": str(MIN_VALIDITY_S),
        "ARR_MAX_WAIT_SECONDS": str(MAX_WAIT_S),
    }


@contextmanager
def _child(
    directory: Path, name: str, *arguments: str, env: dict[str, str] | None = None, ends_in_s: float = _END_S
) -> Iterator[subprocess.Popen[str]]:
    """Run one of this package's modules; at the end, close its input and wait for it."""
    command = [sys.executable, "-m", f"bench.soak.{name}", *arguments, str(directory)]
    with (
        (directory / f"{name}.err").open("w") as errors,
        subprocess.Popen(command, cwd=ROOT, env=env, stdin=PIPE, stdout=PIPE, stderr=errors, text=True) as child,
    ):
        try:
            yield child
            child.communicate(timeout=ends_in_s)
        finally:
            child.kill()
