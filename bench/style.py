"""How the plots look: a white card, so that they read the same on light and dark pages, and Okabe-Ito's colours."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt

from bench.apps import App

INK, QUIET, FAINT = "#222222", "#666666", "#DDDDDD"
BLUE, ORANGE = "#0072B2", "#D55E00"
COLOURS = {
    App.OURS: BLUE,
    App.FLOOR: "#888888",
    App.SAMPLE: ORANGE,
    App.OWN: "#009E73",
    App.OWN_ASYNC: "#CC79A7",
}
_STYLE: Any = {
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.facecolor": "white",
    "font.size": 11,
    "svg.hashsalt": "getarrtoken",  # the same figures make the same file
    "text.color": INK,
    "xtick.color": QUIET,
    "ytick.color": INK,
}


@contextmanager
def drawn(file: Path, title: str, columns: int = 1, height_in: float = 3.4) -> Iterator[list[Any]]:
    """Give axes side by side to draw on, and write them to an SVG file."""
    with plt.rc_context(_STYLE):
        figure, axes = plt.subplots(1, columns, figsize=(9, height_in), squeeze=False, layout="constrained")
        figure.suptitle(title, x=0.012, ha="left", fontsize=12.5, fontweight="bold")
        yield list(axes[0])
        svg = io.StringIO()
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
    lines = (line.rstrip() for line in svg.getvalue().splitlines())
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
