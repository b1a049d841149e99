"""Carries out a plan: the simulated services here, the function and its callers in processes of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from subprocess import PIPE
from typing import IO, Final, NamedTuple

from bench.soak.host import ROOT
from bench.soak.plan import LOAD_BEGINS_S, MAX_WAIT_S, MIN_VALIDITY_S, REFRESH_AFTER_S, WARM_UP_S, FaultWindow, Plan
from bench.soak.services import RecordingServices
from local.services.account import SECRET_NAMES
from tests.environment import without_ours

_LEAD_S: Final = 0.3  # from the start signal to the first request
_END_S: Final = 30.0  # for the last responses, and for a child to end
_COUNT_S: Final = (WARM_UP_S + LOAD_BEGINS_S) / 2


class Run(NamedTuple):
    """A finished run; ``windows`` are the planned ones at their actual times, by the wall clock."""

    started: float
    services: RecordingServices
    windows: list[FaultWindow]


def carry_out(plan: Plan, directory: Path) -> Run:
    """Run the plan, with the children's files in the directory."""
    with ExitStack() as stack:
        services = stack.enter_context(RecordingServices(plan.seed))
        numbers = (str(plan.seed), str(plan.seconds), str(plan.rate))
        host = stack.enter_context(_child(directory, "host", str(directory), env=_environment(services)))
        load = stack.enter_context(_child(directory, "load", *numbers, str(directory), env=dict(os.environ)))
        url = _pipe(host.stdout).readline().strip()
        if not url:
            raise RuntimeError(f"the host did not start: {(directory / 'host.err').read_text(encoding='utf-8')}")
        started = time.time() + _LEAD_S
        _send(load, f"{url} {started}\n")
        windows: list[FaultWindow] = []
        time.sleep(started + _COUNT_S - time.time())
        _send(host, "count\n")
        for at, act in _events(plan, services, windows):
            time.sleep(max(0.0, started + at - time.time()))
            act()
        load.wait(max(0.0, started + plan.end - time.time()) + _END_S)
        _send(host, "count\n")
    return Run(started, services, windows)


def _events(
    plan: Plan, services: RecordingServices, windows: list[FaultWindow]
) -> Iterator[tuple[float, Callable[[], None]]]:
    def prepare(window: FaultWindow) -> None:
        services.lifetime_s = window.lifetime_s

    def begin(window: FaultWindow) -> None:
        services.begin(window.outage)
        windows.append(window._replace(begin=time.time()))

    def end(window: FaultWindow) -> None:
        services.end(window.outage)
        windows[-1] = windows[-1]._replace(end=time.time())

    at = LOAD_BEGINS_S
    for window in plan.windows():
        yield at, partial(prepare, window)
        yield window.begin, partial(begin, window)
        yield window.end, partial(end, window)
        at = window.end + window.recovery_s


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
def _child(directory: Path, name: str, *arguments: str, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run one of this package's modules until its input is closed."""
    command = [sys.executable, "-m", f"bench.soak.{name}", *arguments]
    with (directory / f"{name}.err").open("w") as errors:
        child = subprocess.Popen(command, cwd=ROOT, env=env, stdin=PIPE, stdout=PIPE, stderr=errors, text=True)
        try:
            yield child
        finally:
            _pipe(child.stdin).close()
            try:
                child.wait(_END_S)
            finally:
                child.kill()
                child.wait()
                _pipe(child.stdout).close()


def _send(child: subprocess.Popen[str], line: str) -> None:
    _pipe(child.stdin).write(line)
    _pipe(child.stdin).flush()


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise RuntimeError("the child has no such stream")
    return stream
