"""The timeline of a run as an SVG: answers by outcome, latency, and the faults as bands."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.soak.evidence import Answer, Evidence
from bench.soak.judge_answers import STATUS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Okabe and Ito's colours, told apart also without red and green; each outcome has its hatching, too.
_OUTCOMES: Final[dict[str, tuple[str, str]]] = {
    "token": ("#56B4E9", ""),
    "400: a bad request's own": ("#B8B8B8", ""),
    "503: try again": ("#E69F00", ""),
    "504: not in time": ("#CC79A7", "\\\\\\"),
    "500, 502: an operator's to mend": ("#D55E00", "///"),
}
_LANES: Final = {"identity": "identity", "key-vault": "Key Vault", "sts": "STS", "keys": "account keys"}
_INK, _PAPER, _GRID, _FAULT, _RECOVERY = "#1F2328", "#FFFFFF", "#D8DEE4", "#0072B2", "#DCEBF5"
_STYLE: Final[Any] = {
    "svg.hashsalt": "soak",
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.size": 9,
    "hatch.linewidth": 0.5,
}
_MILLE: Final = 1_000


def draw(evidence: Evidence, file: Path) -> None:
    """Write the SVG; the same run gives the same bytes."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(10, 6.2), facecolor=_PAPER, layout="constrained")
        parts: Any = figure.subplots(3, 1, sharex=True, height_ratios=(3, 1.5, 1.6))
        _draw_outcomes(parts[0], evidence)
        _draw_latency(parts[1], evidence)
        _draw_faults(parts[2], evidence)
        for axes in parts:
            axes.grid(color=_GRID, linewidth=0.5)
            axes.set_axisbelow(True)
            axes.spines[["top", "right"]].set_visible(False)
        figure.align_ylabels()
        figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None, facecolor=_PAPER)


def _draw_outcomes(axes: "Axes", evidence: Evidence) -> None:
    seconds = range(int(evidence.plan.seconds) + 1)
    counts: dict[str, Counter[int]] = {name: Counter() for name in _OUTCOMES}
    for answer in evidence.answers:
        if (name := _name(answer)) is not None:
            counts[name][_second(evidence, answer)] += 1
    below = [0] * len(seconds)
    for name, (colour, hatch) in _OUTCOMES.items():
        above = [low + counts[name][second] for low, second in zip(below, seconds, strict=True)]
        look: Any = {"facecolor": colour, "hatch": hatch, "edgecolor": _PAPER, "linewidth": 0}
        axes.fill_between(list(seconds), below, above, step="post", label=name, **look)
        below = above
    axes.set_ylabel("answers a second")
    axes.set_xlim(0, evidence.plan.seconds)
    axes.set_ylim(bottom=0)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(_OUTCOMES), frameon=False, fontsize=8)
    lifetimes = evidence.plan.lifetimes
    axes.set_title(
        f"{len(evidence.answers):,} requests in {evidence.plan.seconds:.0f} s while every service fails on and off "
        f"(a caller waits {lifetimes.max_wait} s at most; tokens live seconds)",
        loc="left",
        pad=24,
        color=_INK,
        fontsize=10,
    )


def _draw_latency(axes: "Axes", evidence: Evidence) -> None:
    times: dict[int, list[float]] = {}
    for answer in evidence.answers:
        if _name(answer) is not None:
            times.setdefault(_second(evidence, answer), []).append((answer.done - answer.sent) * _MILLE)
    seconds = sorted(times)
    for share, style, name in ((50, ":", "median"), (99, "-", "p99")):
        points = [sorted(times[second])[len(times[second]) * share // 100] for second in seconds]
        axes.step(seconds, points, where="post", color=_INK, linestyle=style, linewidth=1, label=name)
    limit = (evidence.plan.lifetimes.max_wait + 1) * _MILLE
    axes.axhline(limit, color="#D55E00", linewidth=1, linestyle="--", label="promised")
    axes.set_yscale("log")
    axes.set_ylabel("ms")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)


def _draw_faults(axes: "Axes", evidence: Evidence) -> None:
    rows = list(reversed(_LANES))
    for number, storm in enumerate(evidence.plan.storms):
        label = None if number else "recovery\npromised\nwithin"
        axes.axvspan(storm.begin, storm.end + storm.recovery_s, color=_RECOVERY, linewidth=0, label=label)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)
    for one in evidence.played.weather:
        kind, begin = one.band.kind, one.begin - evidence.played.started
        row = rows.index(kind.lane)
        axes.barh(row, max(one.end - one.begin, 0.2), left=begin, height=0.42, color=_FAULT)
        axes.text(begin, row + 0.26, kind.name, fontsize=6, color=_INK, va="bottom", rotation=12)
    axes.set_yticks(range(len(rows)), [_LANES[lane] for lane in rows])
    axes.set_ylim(-0.5, len(rows) - 0.2)
    axes.set_xlabel(f"seconds (python -m bench.soak --seed {evidence.plan.seed})")


def _second(evidence: Evidence, answer: Answer) -> int:
    return int(answer.planned - evidence.played.started)


def _name(answer: Answer) -> str | None:
    """Return the group of an answer; None for what the platform answers, or who left."""
    if answer.outcome == "ok":
        return "token"
    status = STATUS.get(answer.outcome)
    return next((name for name in _OUTCOMES if str(status) in name.partition(":")[0]), None)
