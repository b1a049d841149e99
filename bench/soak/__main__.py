"""`python -m bench.soak`: run, check, report; exit status 0 if everything holds, else 1."""

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from bench.soak import evidence, run
from bench.soak.checks import CHECKS, Result
from bench.soak.evidence import Evidence
from bench.soak.plan import Plan

_SHOWN: Final = 5  # failures of each check


def main(arguments: list[str]) -> int:
    """Return the exit status."""
    options = _parse(arguments)
    plan = Plan(options.seed, options.seconds, options.rate)
    print(f"soak: seed {plan.seed}, {plan.seconds:.0f} s, {plan.rate:.0f} requests a second", flush=True)
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        directory = Path(name)
        found = evidence.gather(plan, run.carry_out(plan, directory), directory)
    results = [check(found) for check in CHECKS]
    print(_summary(found, results))
    if options.plot is not None:
        from bench.soak import plot  # noqa: PLC0415  # only a drawing needs matplotlib

        plot.draw(found, options.plot)
        print(f"drawn: {options.plot}")
    failed = sum(bool(result.failures) for result in results)
    print(f"\n{f'{failed} of {len(results)} FAILED' if failed else 'all hold'}; again: --seed {plan.seed}")
    return 1 if failed else 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="default: a random one")
    parser.add_argument("--seconds", type=float, default=120.0, help="of load; default 120")
    parser.add_argument("--rate", type=float, default=250.0, help="requests a second; default 250")
    parser.add_argument(
        "--plot", type=Path, nargs="?", const=Path("docs/soak.svg"), help="draw it; default docs/soak.svg"
    )
    return parser.parse_args(arguments)


def _summary(found: Evidence, results: list[Result]) -> str:
    counts = Counter(response.result for response in found.responses)
    lines = ["responses: " + ", ".join(f"{count:,} {result}" for result, count in counts.most_common())]
    times = sorted(1e3 * (response.done - response.planned) for response in found.responses if response.result == "ok")
    if times:
        p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
        lines.append(f"tokens: p50 {p50:.1f} ms, p99 {p99:.1f} ms\n")
    for result in results:
        lines.append(f"{'FAILED' if result.failures else 'holds ':6} {result.name} ({result.looked_at})")
        lines += [f"         {text}" for text in result.failures[:_SHOWN]]
        if len(result.failures) > _SHOWN:
            lines.append(f"         … and {len(result.failures) - _SHOWN:,} more")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
