"""``python -m bench.starts``: measures only starts, and prints their medians."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.apps import App
from bench.measure import Bench
from bench.plan import FULL, STARTED, Setting
from bench.results import Spread, Start, start_bars
from bench.services import ServicesProcess
from bench.words import in_ms, times


def main() -> None:
    """Measure one setting after the other, the apps in alternating order."""
    parser = argparse.ArgumentParser(prog="bench.starts", description=__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--setting", type=int, choices=[int(one) for one in Setting], action="append")
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="getarrtoken-bench-") as folder, ServicesProcess() as services:
        bench = Bench(FULL, Path(folder), services)
        for app in STARTED:
            bench.warm(app)
        for setting in map(Setting, arguments.setting or Setting):
            for number in range(arguments.rounds):
                for app in STARTED[:: -1 if number % 2 else 1]:
                    bench.start(setting, app)
            print(_table(setting, bench.results.starts[setting]), flush=True)


def _table(setting: Setting, starts: Mapping[App, list[Start]]) -> str:
    lines = [f"({setting}) {setting.title}, {len(starts[App.OURS])} rounds: medians"]
    for app in STARTED:
        load, first, processor, memory = (Spread.of(values).median for values in zip(*starts[app], strict=True))
        lines.append(
            f"  {app:24} load {in_ms(load):>7}  first token {in_ms(first):>7}  processor {in_ms(processor):>7}  "
            f"memory {memory:.0f} MiB"
        )
    lines += [f"  {bar.claim}: {times(bar.ratio)}, bar {bar.limit:g}" for bar in start_bars(setting, starts)]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
