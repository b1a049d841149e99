"""``python -m bench``: measures, and writes docs/benchmarks.md and its plots."""

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm import tqdm

from bench import machine, plots, report
from bench.apps import ROOT
from bench.fleet import simulate
from bench.measure import Bench
from bench.plan import FULL, QUICK, Plan
from bench.results import Results
from bench.services import ServicesProcess


def main() -> None:
    """Read the command line, measure and write."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="make a few calls of everything, and write no file")
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


def measure(plan: Plan, step: Callable[[], object]) -> Results:
    """Measure everything; ``step`` is called after each of `Plan.steps`."""
    with TemporaryDirectory(prefix="getarrtoken-bench-") as folder, ServicesProcess() as services:
        bench = Bench(plan, Path(folder), services)
        for measurement in bench.steps():
            measurement()
            step()
    # Last, because it uses all cores.
    with ProcessPoolExecutor(max_workers=2) as pool:
        days = {jitter: pool.submit(simulate, plan.fleet_workers, jitter=jitter) for jitter in (True, False)}
        for jitter, day in days.items():
            bench.results.fleet[jitter] = day.result()
            step()
    return bench.results


if __name__ == "__main__":
    main()
