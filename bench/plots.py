"""Draws the plots of docs/benchmarks.md."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench import day, timeline
from bench.apps import App
from bench.plan import STARTED, Setting
from bench.results import Results, Spread, hardest
from bench.style import BLUE, COLOURS, FAINT, INK, ORANGE, QUIET, drawn
from bench.words import in_ms, whole

_SHOWN_AT_ONCE = 32
_HOUR_S = 3_600
_INTERVAL_S = 600  # one point of the fleet's day
_BELOW_ONE = 0.3  # shown for 0 on a logarithmic scale


def draw(results: Results, folder: Path) -> None:
    """Write all plots."""
    _summary(results, folder / "benchmarks.svg")
    _rates(results, folder / "benchmarks-rate.svg")
    _start(results, folder / "benchmarks-start.svg")
    timeline.draw(results, folder / "benchmarks-timeline.svg")
    _fleet(results, folder / "benchmarks-fleet.svg")


def _summary(results: Results, file: Path) -> None:
    times = hardest(results, App.CLIENT).median
    title = f"Nearly the cost of doing nothing: {times:.0f} times the tokens a second of Microsoft's client"
    with drawn(file, title, columns=3, height_in=2.6) as (time, rate, calls):
        latencies = {app: results.latency(app, "p50_s").median for app in App}
        _dots(time, "Time for a token", latencies, in_ms)
        at_once = max(callers for callers in results.rates[App.OURS] if callers <= _SHOWN_AT_ONCE)
        rates = {app: results.rate(app, at_once).median for app in App}
        _dots(rate, f"Tokens a second, {at_once} callers", rates, whole)
        _dots(calls, "Calls for 100,000 tokens", {app: one.many for app, one in results.calls.items()}, whole)
        row = list(App).index(App.FLOOR)
        calls.text(0.02, row, "none", transform=calls.get_yaxis_transform(), va="center", color=QUIET)
        for axes in (rate, calls):
            axes.set_yticklabels([])


def _dots(axes: Any, title: str, values: dict[App, float], text: Callable[[float], str]) -> None:
    """Draw one dot for each app on a logarithmic scale, with its value beside it."""
    axes.set_title(title)
    rows = list(App)
    for app, value in values.items():
        row = rows.index(app)
        strong = app is App.OURS
        colour = BLUE if strong else QUIET
        axes.plot(value, row, "o", color=colour, markersize=9 if strong else 7)
        label = {"textcoords": "offset points", "xytext": (9, 0), "va": "center", "color": colour}
        axes.annotate(text(value), (value, row), fontweight="bold" if strong else "normal", **label)
    _rows(axes, rows)
    axes.set_xscale("log")
    lowest, highest = min(values.values()), max(values.values())
    axes.set_xlim(lowest / 3, highest * (highest / lowest) ** 0.6)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _rows(axes: Any, rows: Iterable[App]) -> None:
    names = [str(app) for app in rows]
    axes.set_yticks(range(len(names)), names)
    axes.get_yticklabels()[0].set_fontweight("bold")
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color=FAINT)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)


def _rates(results: Results, file: Path) -> None:
    with drawn(file, "Tokens a second, with an STS that takes 50 ms") as (axes,):
        for app in reversed(list(App)):
            callers = list(results.rates[app])
            spreads = [results.rate(app, one) for one in callers]
            style = {"color": COLOURS[app], "linewidth": 2, "linestyle": "--" if app is App.FLOOR else "-"}
            axes.plot(callers, [one.median for one in spreads], marker="o", **style)
            if app is not App.FLOOR:
                lowest, highest = ([getattr(one, end) for one in spreads] for end in ("lowest", "highest"))
                axes.fill_between(callers, lowest, highest, color=COLOURS[app], alpha=0.2)
        axes.set_xscale("log", base=2)
        _log_scale(axes, 4)
        axes.set_xticks(callers, [str(one) for one in callers])
        axes.minorticks_off()
        axes.set_xlabel("callers at a time")
        axes.grid(axis="y", color=FAINT)
        _name_lines(axes, {app: results.rate(app, callers[-1]).median for app in App}, callers[-1])


def _log_scale(axes: Any, decades: int) -> None:
    """Label the scale with plain numbers, not powers."""
    axes.set_yscale("log")
    powers = [10**power for power in range(decades + 1)]
    axes.set_yticks(powers, [f"{power:,}" for power in powers])
    axes.minorticks_off()


def _name_lines(axes: Any, ends: dict[App, float], x: float) -> None:
    """Name each line at its right end, without overlap."""
    above = float("inf")
    for app, end in sorted(ends.items(), key=lambda item: -item[1]):
        above = min(end, above / 1.9)
        label = {"textcoords": "offset points", "xytext": (10, 0), "va": "center", "color": COLOURS[app]}
        axes.annotate(f"{app}: {whole(end)}", (x, above), annotation_clip=False, **label)


def _start(results: Results, file: Path) -> None:
    title = "From loading to the first token: loading (dark), then the rest (light), in ms"
    with drawn(file, title, columns=len(Setting), height_in=2.4) as columns:
        for axes, setting in zip(columns, Setting, strict=True):
            axes.set_title(f"({setting}) {setting.title}")
            for row, app in enumerate(STARTED):
                load_s, first_s = (results.start(setting, app, name) for name in ("load_s", "first_s"))
                load, first = (Spread(*(1e3 * value for value in spread)) for spread in (load_s, first_s))
                axes.barh(row, load.median, color=COLOURS[app])
                axes.barh(row, first.median - load.median, left=load.median, color=COLOURS[app], alpha=0.45)
                _whisker(axes, row, first, "{:.0f}")
            _rows(axes, STARTED)
            axes.margins(x=0.2)
            axes.xaxis.set_visible(False)
            axes.spines["bottom"].set_visible(False)
        for axes in columns[1:]:
            axes.set_yticklabels([])


def _whisker(axes: Any, row: int, spread: Spread, text: str) -> None:
    axes.plot([spread.lowest, spread.highest], [row, row], color=INK, linewidth=1)
    label = {"textcoords": "offset points", "xytext": (6, 0), "va": "center"}
    axes.annotate(text.format(spread.median), (spread.highest, row), **label)


def _fleet(results: Results, file: Path) -> None:
    workers = results.fleet[True].workers
    with drawn(file, f"{workers:,} workers over a day: STS calls a second (the most in ten minutes)") as (axes,):
        hours = [start / _HOUR_S for start in range(0, day.DAY_S, _INTERVAL_S)]
        for jitter, colour, name in ((False, ORANGE, "without jitter"), (True, BLUE, "with jitter, as it is")):
            calls = [max(peak, _BELOW_ONE) for peak in results.fleet[jitter].sts_peaks(_INTERVAL_S)]
            axes.plot(hours, calls, color=colour, linewidth=1.5, label=name)
        axes.axvspan(*(second / _HOUR_S for second in day.OUTAGE_S), color=FAINT, label="STS down", zorder=0)
        axes.axhline(day.STS_LIMIT, color=QUIET, linestyle="--", linewidth=1, label="STS limit")
        _log_scale(axes, 4)
        axes.set_ylim(bottom=1)
        axes.set_xlim(0, 24)
        axes.set_xticks(range(0, 25, 4))
        axes.set_xlabel("hour")
        axes.legend(frameon=False, ncols=4, loc="upper center", bbox_to_anchor=(0.5, 1.12))
