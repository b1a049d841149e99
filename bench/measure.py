"""Takes all measurements in rounds. Each round measures every app, so that other load on the machine affects all."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench.apps import ROOT, App, make_apps
from bench.plan import STARTED, TIMELINES, Plan, Setting
from bench.results import Calls, Latency, Rate, Results, Span, Start, Timeline
from bench.services import Distance, ServicesProcess
from tests.environment import without_ours

_REPORTED = (1_000, 100_000)  # simultaneous first requests, and all requests
_PROBE_LIMIT_S: Final = 120.0
#: Settings of Python and of the worker library that would change the figures.
_NOT_PASSED_ON: Final = ("PYTHONDONTWRITEBYTECODE", "PYTHON_")


class Bench:
    """The apps on disk, the simulated services that they call, and the results so far."""

    def __init__(self, plan: Plan, folder: Path, services: ServicesProcess) -> None:
        self.results = Results()
        self._plan = plan
        self._folders = make_apps(folder)
        self._services = services

    def steps(self) -> Iterator[Callable[[], object]]:
        """Yield all measurements; each one runs in a process of its own."""
        for app in App:  # compiles the bytecode
            yield partial(self.warm, app)
        for number in range(self._plan.start_rounds):
            for setting in Setting:
                yield from (partial(self.start, setting, app) for app in STARTED[:: -1 if number % 2 else 1])
        for _ in range(self._plan.timelines):
            yield from (partial(self.timeline, app) for app in TIMELINES)
        for _ in range(self._plan.rounds):
            yield from _shuffled([self.cached, *(partial(self.rate, app) for app in App)])
        for app in self._plan.call_points:
            yield partial(self.calls, app)

    def warm(self, app: App) -> None:
        """Start the app once, so that its bytecode is on disk."""
        self._probe("start", app=self._folders[app], calls=1, host_work_s=0)

    def start(self, setting: Setting, app: App) -> None:
        """Measure loading, the first token and memory."""
        options = {"calls": self._plan.calls_after_start, "host_work_s": setting.host_work_s}
        figures = self._probe("start", setting.distances, app=self._folders[app], **options)
        self.results.starts[setting][app].append(Start(**figures))

    def timeline(self, app: App) -> None:
        """Record one start with round trips as in Azure."""
        figures = self._probe("timeline", Setting.AZURE.distances, app=self._folders[app])
        began, first = figures["began"], figures["first"]
        spans = [Span(*span) for span in figures["spans"]]
        for service, seen in self._services.spans().items():
            spans += [Span(begin, end, service, kind, "") for begin, end, kind in seen]
        relative = [span.since(began) for span in spans if span.end_s <= first]
        self.results.timelines[app].append(Timeline(figures["loaded"] - began, first - began, relative))

    def rate(self, app: App) -> None:
        """Measure tokens a second with a slow STS."""
        options = {"app": self._folders[app], "at_once": self._plan.at_once, "seconds": self._plan.window_s}
        sts = {"sts": Distance(work_s=self._plan.sts_latency_s)}
        figures = self._probe("rate", sts, **options)
        for callers in self._plan.at_once:
            self.results.rates[app][callers].append(Rate(**figures[str(callers)]))

    def cached(self) -> None:
        """Measure cached tokens beside the floor."""
        both = {app: self._folders[app] for app in (App.OURS, App.FLOOR)}
        figures = self._probe("cached", apps=both, blocks=self._plan.cached_blocks)
        for app in both:
            self.results.cached[app].append(Latency(**figures[app]))

    def calls(self, app: App) -> None:
        """Count upstream calls for two numbers of requests, and extrapolate linearly to the reported numbers."""
        points = self._plan.call_points[app]
        counted = []
        for requests in points:
            self._probe("calls", app=self._folders[app], first=points[0], then=requests - points[0])
            counted.append(sum(self._services.calls().values()))
        slope = (counted[1] - counted[0]) / (points[1] - points[0])
        first, many = (round(counted[0] + slope * (requests - points[0])) for requests in _REPORTED)
        self.results.calls[app] = Calls(first, many, extrapolated=points != _REPORTED)

    def _probe(self, measurement: str, distances: Mapping[str, Distance] | None = None, **options: Any) -> Any:
        """Run one measurement in a process of its own."""
        self._services.reset(distances)
        own = {name: value for name, value in without_ours(os.environ).items() if not name.startswith(_NOT_PASSED_ON)}
        process = subprocess.run(
            [sys.executable, "-m", "bench.probe", measurement, json.dumps(options)],
            cwd=ROOT,
            env=own | self._services.environment,
            stdout=subprocess.PIPE,
            timeout=_PROBE_LIMIT_S,
            check=True,
        )
        return json.loads(process.stdout)


def _shuffled(steps: Iterable[Callable[[], object]]) -> list[Callable[[], object]]:
    in_order = list(steps)
    return random.sample(in_order, len(in_order))
