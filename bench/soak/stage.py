"""Lets a plan happen: the simulated services here, the function and its callers in processes of their own."""

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
from bench.soak.plan import Band, Issuing, Plan
from bench.soak.record import Record
from bench.soak.watch import WatchedStandIns
from local.services.account import SECRET_NAMES

_OURS: Final = ("ARR_", "AZURE_", "IDENTITY_", "KEY_VAULT_URL", "WEBSITE_", "MSI_", "APPLICATIONINSIGHTS")
_LEAD_S: Final = 0.3  # from the word to the first request
_END_S: Final = 30.0  # for the last answers


class Weather(NamedTuple):
    """When a band really came and went, by this machine's clock."""

    band: Band
    begin: float
    end: float


class Played(NamedTuple):
    """A run that is over."""

    started: float
    record: Record
    weather: list[Weather]


def play(plan: Plan, directory: Path) -> Played:
    """Let it happen, with the children's files in the directory."""
    with ExitStack() as stack:
        services = stack.enter_context(WatchedStandIns())
        services.sts.issuing = plan.issuing[0]
        numbers = (str(plan.seed), str(plan.seconds), str(plan.rate))
        host = stack.enter_context(_child(directory, "host", str(directory), env=_environment(plan, services)))
        load = stack.enter_context(_child(directory, "load", *numbers, str(directory), env=dict(os.environ)))
        url = _pipe(host.stdout).readline().strip()
        if not url:
            raise RuntimeError(f"the host did not start: {(directory / 'host.err').read_text(encoding='utf-8')}")
        started = time.time() + _LEAD_S
        _pipe(load.stdin).write(f"{url} {started}\n")
        _pipe(load.stdin).flush()
        weather = _Weather(services)
        for at, act in sorted(weather.events(plan), key=lambda event: event[0]):
            time.sleep(max(0.0, started + at - time.time()))
            act()
        load.wait(max(0.0, started + plan.seconds - time.time()) + _END_S)
    return Played(started, services.record, weather.seen)


class _Weather:
    """Turns the plan into acts on the simulated services."""

    def __init__(self, services: WatchedStandIns) -> None:
        self.seen: list[Weather] = []
        self._services = services
        self._began: dict[int, float] = {}

    def events(self, plan: Plan) -> Iterator[tuple[float, Callable[[], None]]]:
        for issuing in plan.issuing:
            yield issuing.begin, partial(self._issue, issuing)
        for band in (band for storm in plan.storms for band in storm.bands):
            yield band.begin, partial(self._begin, band)
            yield band.end, partial(self._end, band)

    def _issue(self, issuing: Issuing) -> None:
        self._services.sts.issuing = issuing

    def _begin(self, band: Band) -> None:
        self._began[id(band)] = time.time()
        kind = band.kind
        service = self._services.by_name().get(kind.lane)
        if kind.lane == "identity":
            self._services.identity.revoke_tokens()  # else the SDK has one for a day, and nobody asks
        if service is not None and kind.fault is not None:
            service.faults.set(kind.fault)
        self._switch(band, on=True)

    def _end(self, band: Band) -> None:
        service = self._services.by_name().get(band.kind.lane)
        if service is not None:
            service.faults.clear()
        self._switch(band, on=False)
        self.seen.append(Weather(band, self._began[id(band)], time.time()))

    def _switch(self, band: Band, *, on: bool) -> None:
        for action in band.kind.actions:
            self._services.act(band.kind.lane, action, on=on)
        if band.kind.options:
            self._services.sts.overlay = dict(band.kind.options) if on else {}


def _environment(plan: Plan, services: WatchedStandIns) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {
        **inherited,
        **services.environment(),
        "ARR_ACCOUNT_KEY_SECRETS": ",".join(SECRET_NAMES.values()),
        "ARR_REFRESH_AFTER_SECONDS": str(plan.lifetimes.refresh_after),
        "ARR_MIN_VALIDITY_SECONDS": str(plan.lifetimes.min_validity),
        "ARR_MAX_WAIT_SECONDS": str(plan.lifetimes.max_wait),
    }


@contextmanager
def _child(directory: Path, name: str, *arguments: str, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run one of this package's modules; the end of its input tells it to end."""
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


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise RuntimeError("the child has no such stream")
    return stream
