"""The style of all plots: white, to look the same on light and dark pages, in Okabe and Ito's colours."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt

from bench.apps import App

INK, QUIET, FAINT = "#222222", "#666666", "#DDDDDD"
BLUE, ORANGE, GREEN, PINK, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9"
COLOURS = {
    App.OURS: BLUE,
    App.FLOOR: "#888888",
    App.SAMPLE: ORANGE,
    App.CLIENT: GREEN,
    App.CLIENT_ASYNC: PINK,
}
_STYLE: Any = {
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.facecolor": "white",
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.size": 11,
    "svg.fonttype": "none",  # text stays text: the files are small and can be searched
    "svg.hashsalt": "getarrtoken",  # the same figures make the same file
    "text.color": INK,
    "xtick.color": QUIET,
    "ytick.color": INK,
}


@contextmanager
def drawn(file: Path, title: str, columns: int = 1, rows: int = 1, height_in: float = 3.4) -> Iterator[list[Any]]:
    """Yield axes row by row, and write them to an SVG file."""
    with plt.rc_context(_STYLE):
        figure, axes = plt.subplots(
            rows, columns, figsize=(9, height_in), squeeze=False, sharex="col", layout="constrained"
        )
        figure.suptitle(title, x=0.012, ha="left", fontsize=12.5, fontweight="bold")
        yield list(axes.flat)
        svg = io.StringIO()
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
    file.write_text(_compact(svg.getvalue()), encoding="utf-8")


def _compact(svg: str) -> str:
    """Round coordinates to hundredths of a point, and put each path on one line."""
    rounded = re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", svg)
    one_line = re.sub(r"\s*\n(?=[MLCQz])", " ", rounded)
    return "\n".join(line.rstrip() for line in one_line.splitlines()) + "\n"
