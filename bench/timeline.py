"""Draws the timeline of a start."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.apps import App
from bench.plan import TIMELINES
from bench.results import Results, Span, Timeline
from bench.style import BLUE, FAINT, GREEN, INK, ORANGE, PINK, SKY, drawn

_SERVICES = {"identity": "identity endpoint", "key-vault": "Key Vault", "sts": "STS"}
_COLOURS = {"import": BLUE, "read CAs": GREEN, "connection": SKY, "call": ORANGE, "challenge": PINK}
_GAP_S = 0.002  # spans with a smaller gap may be joined
_SHORT_S = 0.004  # a shorter import is joined to its neighbour
_LETTER = 0.0072  # the width of a label's letter, as a share of the longer start


def draw(results: Results, file: Path) -> None:
    """Draw GetArrToken's start above the usual sample's."""
    with drawn(file, "A start with round trips as in Azure, from loading to the first token", height_in=4.6) as (axes,):
        names: dict[int, str] = {}
        starts = {app: results.timeline(app) for app in TIMELINES}
        letter_ms = _LETTER * 1e3 * max(start.first_s for start in starts.values())
        for app, start in starts.items():
            _start(axes, app, start, names, letter_ms)
        axes.set_yticks(list(names), names.values())
        for label in axes.get_yticklabels():
            label.set_fontweight("bold" if label.get_text() in set(App) else "normal")
        axes.set_ylim(max(names) + 0.6, -0.6)
        axes.set_xlim(left=0)
        handles = [axes.barh(0, 0, color=colour, label=kind) for kind, colour in _COLOURS.items()]
        axes.legend(handles=handles, frameon=False, ncols=len(handles), loc="upper center", bbox_to_anchor=(0.5, -0.12))
        axes.margins(x=0.02)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("ms from the beginning of loading")
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x", color=FAINT)
        axes.set_axisbelow(True)


def _start(axes: Any, app: App, start: Timeline, names: dict[int, str], letter_ms: float) -> None:
    threads = sorted({span.lane for span in start.spans} - _SERVICES.keys())
    title_row = max(names) + 2 if names else 0
    names[title_row] = str(app)
    for row, lane in enumerate([*threads, *_SERVICES], start=title_row + 1):
        names[row] = _SERVICES.get(lane, lane)
        for span in _merged(sorted(span for span in start.spans if span.lane == lane)):
            _bar(axes, row, span, letter_ms)
    for when_s, name in ((start.load_s, "loaded"), (start.first_s, "first token")):
        axes.plot([when_s * 1e3] * 2, [title_row, max(names) + 0.5], color=INK, linewidth=1)
        axes.text(when_s * 1e3 - 3, title_row, f"{name}: {when_s * 1e3:.0f}", ha="right", va="center", fontsize=9)


def _merged(spans: list[Span]) -> list[Span]:
    """Join neighbours: first spans of the same kind and label, then spans that are too short to be visible."""
    return _joined(_joined(spans, lambda one, other: one[2:] == other[2:]), _too_short)


def _joined(spans: list[Span], belongs: Callable[[Span, Span], bool]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and span.begin_s - joined[-1].end_s < _GAP_S and belongs(joined[-1], span):
            joined[-1] = joined[-1]._replace(end_s=span.end_s)
        else:
            joined.append(span)
    return joined


def _too_short(one: Span, other: Span) -> bool:
    return one.kind == other.kind == "import" and min(one.end_s - one.begin_s, other.end_s - other.begin_s) < _SHORT_S


def _bar(axes: Any, row: float, span: Span, letter_ms: float) -> None:
    begin, width = span.begin_s * 1e3, (span.end_s - span.begin_s) * 1e3
    axes.barh(row, width, left=begin, height=0.8, color=_COLOURS[span.kind], edgecolor="white", linewidth=0.5)
    label = span.label or ("" if span.kind == "import" else span.kind)
    if width > letter_ms * len(label):
        axes.text(begin + width / 2, row, label, ha="center", va="center", fontsize=7, color="white")
