"""``python -m bench``: measure, and write docs/benchmarks.md and its plots."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm import tqdm

from bench import machine, plots, report
from bench.apps import ROOT
from bench.measure import measure
from bench.plan import FULL, QUICK


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few calls of everything; print, write nothing")
    quick = parser.parse_args().quick
    plan = QUICK if quick else FULL
    with tqdm(total=plan.steps, bar_format="{l_bar}{bar}| {elapsed}, about {remaining} left") as bar:
        results = measure(plan, bar.update)
    text = report.text(results, plan, f"{machine.describe()}; {machine.packages()}", datetime.now(UTC).date())
    with TemporaryDirectory() as nowhere:
        docs = Path(nowhere) if quick else ROOT / "docs"
        (docs / "benchmarks.md").write_text(text, encoding="utf-8")
        plots.draw(results, docs)
    print(text if quick else report.bars_table(results))


if __name__ == "__main__":
    main()
