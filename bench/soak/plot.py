"""Draws a run: results of requests, latency, and the fault windows."""

from collections import Counter
from pathlib import Path
from typing import Any, Final

from bench.soak.evidence import Evidence
from bench.soak.plan import MAX_WAIT_S
from bench.style import BLUE, FAINT, INK, ORANGE, PINK, SKY, drawn

#: The hatching distinguishes the colours in print.
_STATUSES: Final = {
    200: ("token", SKY, ""),
    400: ("400: bad request", "#B8B8B8", ""),
    503: ("503: try again", "#E69F00", ""),
    504: ("504: not in time", PINK, "\\\\\\"),
    500: ("500: for an operator", ORANGE, "///"),
    502: ("502: for an operator", "#8C3D00", "xxx"),
}
_SERVICES: Final = ("keys", "sts", "key-vault", "identity")
_LEGEND: Final[Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "frameon": False, "fontsize": 8}


def draw(evidence: Evidence, file: Path) -> None:
    """Write the drawing; the same run gives the same bytes."""
    seed, end = evidence.plan.seed, int(evidence.plan.end)
    with drawn(file, "A soak: responses, latency and faults", rows=3, height_in=6.2) as (results, latency, faults):
        _draw_results(results, evidence, range(end + 1))
        _draw_latency(latency, evidence)
        _draw_windows(faults, evidence)
        faults.set_xlim(0, end)
        faults.set_xlabel(f"seconds (python -m nox -s soak -- --seed {seed})")
        for axes in (results, latency, faults):
            axes.grid(color=FAINT, linewidth=0.5)
            axes.set_axisbelow(True)


def _draw_results(axes: Any, evidence: Evidence, seconds: range) -> None:
    counts = Counter((one.status, int(one.planned - evidence.started)) for one in evidence.responses)
    stacks = [[counts[status, second] for second in seconds] for status in _STATUSES]
    labels, colours, hatches = zip(*_STATUSES.values(), strict=True)
    axes.stackplot(seconds, stacks, labels=labels, colors=colours, hatch=hatches, step="post")
    axes.set_ylabel("responses a second")
    axes.legend(ncols=len(_STATUSES), **_LEGEND)


def _draw_latency(axes: Any, evidence: Evidence) -> None:
    times: dict[int, list[float]] = {}
    for one in evidence.responses:
        if one.status in _STATUSES:
            times.setdefault(int(one.planned - evidence.started), []).append((one.done - one.sent) * 1e3)
    for share, style, label in ((50, ":", "median"), (99, "-", "p99")):
        points = [sorted(times[second])[len(times[second]) * share // 100] for second in sorted(times)]
        axes.step(sorted(times), points, where="post", color=INK, linestyle=style, linewidth=1, label=label)
    axes.axhline((MAX_WAIT_S + 1) * 1e3, color=ORANGE, linewidth=1, linestyle="--", label="limit")
    axes.set_yscale("log")
    axes.set_ylabel("ms")
    axes.legend(ncols=3, **_LEGEND)


def _draw_windows(axes: Any, evidence: Evidence) -> None:
    for window in evidence.windows:
        begin, row = window.begin - evidence.started, _SERVICES.index(window.outage.service)
        axes.barh(row, window.end - window.begin + window.recovery_s, left=begin, height=0.42, color="#DCEBF5")
        axes.barh(row, window.end - window.begin, left=begin, height=0.42, color=BLUE)
        axes.text(begin, row + 0.26, window.outage.name, fontsize=6, va="bottom", rotation=12)
    axes.set_yticks(range(len(_SERVICES)), _SERVICES)
    axes.set_ylabel("fault, recovery limit")
