"""The timeline of a run: results of requests, latency, and the fault windows."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.soak.evidence import Evidence
from bench.soak.plan import MAX_WAIT_S

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Okabe and Ito's colours, distinct without red and green; the hatching distinguishes them in print.
_GROUPS: Final = {
    200: ("token", "#56B4E9", ""),
    400: ("400: bad request", "#B8B8B8", ""),
    503: ("503: try again", "#E69F00", ""),
    504: ("504: not in time", "#CC79A7", "\\\\\\"),
    500: ("500: for an operator", "#D55E00", "///"),
    502: ("502: for an operator", "#8C3D00", "xxx"),
}
_SERVICES: Final = ("keys", "sts", "key-vault", "identity")
_STYLE: Final[Any] = {"svg.hashsalt": "soak", "svg.fonttype": "none", "font.size": 9, "hatch.linewidth": 0.5}
_MILLE: Final = 1_000


def draw(evidence: Evidence, file: Path) -> None:
    """Write the drawing; the same run gives the same bytes."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(10, 6.2), layout="constrained")
        parts: Any = figure.subplots(3, 1, sharex=True, height_ratios=(3, 1.5, 1.5))
        for axes, part in zip(parts, (_draw_results, _draw_latency, _draw_windows), strict=True):
            part(axes, evidence)
            axes.grid(color="#D8DEE4", linewidth=0.5)
            axes.set_axisbelow(True)
            axes.spines[["top", "right"]].set_visible(False)
        parts[2].set_xlabel(f"seconds (python -m nox -s soak -- --seed {evidence.plan.seed})")
        figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def _draw_results(axes: "Axes", evidence: Evidence) -> None:
    counts = Counter((one.status, int(one.planned - evidence.started)) for one in evidence.responses)
    seconds = list(range(int(evidence.plan.end) + 1))
    stacks = [[counts[status, second] for second in seconds] for status in _GROUPS]
    names, colours, hatches = zip(*_GROUPS.values(), strict=True)
    axes.stackplot(seconds, stacks, labels=names, colors=colours, hatch=hatches, step="post")
    axes.set_ylabel("responses a second")
    axes.set_xlim(0, evidence.plan.end)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(_GROUPS), frameon=False, fontsize=8)


def _draw_latency(axes: "Axes", evidence: Evidence) -> None:
    times: dict[int, list[float]] = {}
    for one in evidence.responses:
        if one.status in _GROUPS:
            times.setdefault(int(one.planned - evidence.started), []).append((one.done - one.sent) * _MILLE)
    for share, style, name in ((50, ":", "median"), (99, "-", "p99")):
        points = [sorted(times[second])[len(times[second]) * share // 100] for second in sorted(times)]
        axes.step(sorted(times), points, where="post", color="#1F2328", linestyle=style, linewidth=1, label=name)
    axes.axhline((MAX_WAIT_S + 1) * _MILLE, color="#D55E00", linewidth=1, linestyle="--", label="limit")
    axes.set_yscale("log")
    axes.set_ylabel("ms")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)


def _draw_windows(axes: "Axes", evidence: Evidence) -> None:
    for window in evidence.windows:
        begin, row = window.begin - evidence.started, _SERVICES.index(window.outage.service)
        axes.barh(row, window.end - window.begin + window.recovery_s, left=begin, height=0.42, color="#DCEBF5")
        axes.barh(row, window.end - window.begin, left=begin, height=0.42, color="#0072B2")
        axes.text(begin, row + 0.26, window.outage.name, fontsize=6, va="bottom", rotation=12)
    axes.set_yticks(range(len(_SERVICES)), _SERVICES)
    axes.set_ylabel("fault, recovery limit")
