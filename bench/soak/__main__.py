"""`python -m bench.soak`: run, judge, and tell; exit status 0 where everything held, else 1."""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

from bench.soak import evidence, report, schedule, stage
from bench.soak.judge_answers import judge_answers, judge_times
from bench.soak.judge_exchanges import judge_overlap, judge_pauses
from bench.soak.judge_growth import judge_growth
from bench.soak.judge_log import judge_log
from bench.soak.judge_recovery import judge_held, judge_reasons, judge_recovery
from bench.soak.judge_secrets import judge_secrets
from bench.soak.judge_tokens import judge_life, judge_words

JUDGES = (
    judge_answers,
    judge_times,
    judge_life,
    judge_words,
    judge_overlap,
    judge_pauses,
    judge_recovery,
    judge_reasons,
    judge_held,
    judge_growth,
    judge_secrets,
    judge_log,
)


def main(arguments: list[str]) -> int:
    """Return the exit status."""
    options = _parse(arguments)
    plan = schedule.make(options.seed, options.seconds, options.rate)
    print(report.headline(plan), flush=True)
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        directory = Path(name)
        found = evidence.gather(plan, stage.play(plan, directory), directory)
        if options.keep is not None:
            shutil.copytree(directory, options.keep, dirs_exist_ok=True)
    verdicts = [judge(found) for judge in JUDGES]
    print(report.summary(found, verdicts))
    if options.plot is not None:
        from bench.soak import plot  # noqa: PLC0415 - only who draws needs matplotlib

        plot.draw(found, options.plot)
        print(f"drawn: {options.plot}")
    failed = sum(bool(verdict.breaches) for verdict in verdicts)
    print(f"\n{f'{failed} of {len(verdicts)} FAILED' if failed else 'all hold'}; again: --seed {plan.seed}")
    return 1 if failed else 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="default: a random one")
    parser.add_argument("--seconds", type=float, default=120.0, help="of load; default 120")
    parser.add_argument("--rate", type=float, default=250.0, help="requests a second; default 250")
    parser.add_argument(
        "--plot", type=Path, nargs="?", const=Path("docs/soak.svg"), help="draw it; default docs/soak.svg"
    )
    parser.add_argument("--keep", type=Path, help="copy the log, the answers and the samples to this folder")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
