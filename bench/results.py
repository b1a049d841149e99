"""The results, and the bars for them. Times are in seconds unless a name says otherwise."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple, Self

from bench.apps import App
from bench.day import Day
from bench.plan import STARTED, Setting


class Start(NamedTuple):
    """Times from the beginning of loading; processor time until the first token."""

    load_s: float
    first_s: float
    processor_s: float
    resident_mib: float


class Span(NamedTuple):
    """An activity with a duration in a start; ``lane`` is a thread or a service."""

    begin_s: float
    end_s: float
    lane: str
    kind: str
    label: str

    def since(self, start_s: float) -> Self:
        """Return the same span, counted from then."""
        return self._replace(begin_s=self.begin_s - start_s, end_s=self.end_s - start_s)


class Timeline(NamedTuple):
    """The spans of one start; times from the beginning of loading."""

    load_s: float
    first_s: float
    spans: list[Span]


class Latency(NamedTuple):
    """Latency of single calls, one at a time."""

    p50_s: float
    p99_s: float


class Rate(NamedTuple):
    """Rate and latency for a number of callers; each calls again after each response."""

    per_s: float
    p50_s: float
    p99_s: float


class Calls(NamedTuple):
    """Upstream calls for 1,000 simultaneous first requests, and for 100,000 requests in all."""

    first: int
    many: int
    extrapolated: bool


class Spread(NamedTuple):
    """Spread of one figure, or of one ratio, over the rounds."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Raise StatisticsError without values."""
        known = sorted(values)
        return cls(median(known), known[0], known[-1])

    @classmethod
    def of_ratio(cls, values: Iterable[float], others: Iterable[float]) -> Self:
        """Compare the values of each round."""
        return cls.of(value / other for value, other in zip(values, others, strict=True))


@dataclass
class Results:
    """Figures by app, one for each round."""

    starts: dict[Setting, dict[App, list[Start]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    timelines: dict[App, list[Timeline]] = field(default_factory=lambda: defaultdict(list))
    cached: dict[App, list[Latency]] = field(default_factory=lambda: defaultdict(list))
    rates: dict[App, dict[int, list[Rate]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    calls: dict[App, Calls] = field(default_factory=dict)
    #: With jitter and without.
    fleet: dict[bool, Day] = field(default_factory=dict)

    def start(self, setting: Setting, app: App, name: str) -> Spread:
        """Return one of the figures of `Start`."""
        return Spread.of(getattr(one, name) for one in self.starts[setting][app])

    def timeline(self, app: App) -> Timeline:
        """Return the recorded start whose first token took the median time."""
        in_order = sorted(self.timelines[app], key=lambda one: one.first_s)
        return in_order[len(in_order) // 2]

    def rate(self, app: App, callers: int) -> Spread:
        """Return the tokens a second."""
        return Spread.of(one.per_s for one in self.rates[app][callers])

    def latency(self, app: App, name: str) -> Spread:
        """Return one of the figures of `Latency`, for one caller at a time."""
        one_at_a_time: list[Latency] | list[Rate] = self.cached[app] if app in self.cached else self.rates[app][1]
        return Spread.of(getattr(one, name) for one in one_at_a_time)


class Bar(NamedTuple):
    """A limit for a ratio of two apps' figures."""

    claim: str
    limit: float
    at_most: bool
    ratio: Spread

    @property
    def met(self) -> bool:
        """Compare the median with the limit."""
        return self.ratio.median <= self.limit if self.at_most else self.ratio.median >= self.limit


def bars(results: Results) -> list[Bar]:
    """Return the bars, with the ratios side by side."""
    cached = Spread.of_ratio(
        (one.p50_s for one in results.cached[App.OURS]), (one.p50_s for one in results.cached[App.FLOOR])
    )
    return [
        Bar("A cached token, against doing nothing (median latency)", 1.2, at_most=True, ratio=cached),
        Bar("Tokens a second, against Microsoft's client", 20, at_most=False, ratio=hardest(results, App.CLIENT)),
        *(bar for setting in Setting for bar in start_bars(setting, results.starts[setting])),
    ]


def start_bars(setting: Setting, starts: Mapping[App, list[Start]]) -> list[Bar]:
    """Return the bars of one setting. Load, processor time and memory belong to the first setting."""
    ours, floor, sample = ([one.first_s for one in starts[app]] for app in STARTED)
    if setting is Setting.BUSY_HOST:
        above = [[one - least for one, least in zip(times, floor, strict=True)] for times in (ours, sample)]
        name = "First token, time above doing nothing on a busy host, against the usual sample"
        return [Bar(name, 0.38, at_most=True, ratio=Spread.of_ratio(*above))]
    if setting is Setting.NO_NETWORK:
        name = "Load to first token without network, against the usual sample"
        return [Bar(name, 0.95, at_most=True, ratio=Spread.of_ratio(ours, sample))]

    def ratio(name: str, other: App) -> Spread:
        return Spread.of_ratio(*([getattr(one, name) for one in starts[app]] for app in (App.OURS, other)))

    return [
        Bar("Load to first token, against the usual sample", 0.87, at_most=True, ratio=ratio("first_s", App.SAMPLE)),
        Bar("… processor time", 1.0, at_most=True, ratio=ratio("processor_s", App.SAMPLE)),
        Bar("… resident memory", 1.0, at_most=True, ratio=ratio("resident_mib", App.SAMPLE)),
        Bar("Loading, against doing nothing", 1.25, at_most=True, ratio=ratio("load_s", App.FLOOR)),
    ]


def hardest(results: Results, other: App) -> Spread:
    """Return the smallest ratio of tokens a second over all numbers of callers."""
    ratios = (
        Spread.of_ratio((one.per_s for one in ours), (one.per_s for one in results.rates[other][callers]))
        for callers, ours in results.rates[App.OURS].items()
    )
    return min(ratios)
