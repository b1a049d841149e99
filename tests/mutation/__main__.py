"""Breaks shared/ in each way that mutmut knows; fails where the unit tests notice too few, or one that is not listed.

``python -m tests.mutation 'shared.upstreams.sts*'`` tries some of them. docs/testing.md lists who may survive, and why.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.mutation.survivors import NOTICED, Survivor, listed, survivor

ROOT: Final = Path(__file__).parents[2]
_DOCUMENT: Final = ROOT / "docs" / "testing.md"
_NEEDED: Final = ("shared", "tests", "local", "GetArrToken", "host.json", "pyproject.toml")
_BAR: Final = 0.9
# It does nothing, but mutmut leaves decorated functions alone.
_OVERRIDE: Final = re.compile(r"^ *@override\n", re.MULTILINE)


def _copy(to: Path) -> None:
    for name in _NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, to / name)
    for module in (to / "shared").glob("*.py"):
        module.write_text(_OVERRIDE.sub("", module.read_text(encoding="utf-8")), encoding="utf-8")


def _mutmut(where: Path, *arguments: str) -> str:
    """Run a command of mutmut; its progress goes to the terminal."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    shown = None if arguments[0] == "run" else subprocess.PIPE
    environment = os.environ | {"HYPOTHESIS_PROFILE": "mutate"}
    return subprocess.run(command, cwd=where, env=environment, stdout=shown, check=True, text=True).stdout or ""


def _statuses(where: Path) -> dict[str, int]:
    """Return the exit status of the tests for each mutant that was tried."""
    statuses: dict[str, int | None] = {}
    for module in where.glob("mutants/shared/*.meta"):
        statuses |= json.loads(module.read_text(encoding="utf-8"))["exit_code_by_key"]
    return {mutant: status for mutant, status in statuses.items() if status is not None}


def _tried(patterns: list[str]) -> tuple[int, int, set[Survivor]]:
    """Return how many mutants were noticed, of how many, and the others."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        _copy(where)
        _mutmut(where, "run", *patterns)
        statuses = _statuses(where)
        left = [mutant for mutant, status in statuses.items() if status not in NOTICED]
        survivors = {survivor(mutant, _mutmut(where, "show", mutant)) for mutant in left}
    return len(statuses) - len(left), len(statuses), survivors


def main(patterns: list[str]) -> int:
    """Try the mutants whose names match, or all, and return the exit status."""
    noticed, tried, survivors = _tried(patterns)
    known = listed(_DOCUMENT.read_text(encoding="utf-8"))
    unlisted, stale = survivors - known, set() if patterns else known - survivors
    print(f"\n{noticed} of {tried} mutants noticed: {noticed / tried:.1%}; {len(survivors)} kinds of survivors.")
    for title, those in ((f"Not listed in {_DOCUMENT.name}:", unlisted), ("Listed, but noticed:", stale)):
        if those:
            print(title, *sorted(map(str, those)), sep="\n")
    return 1 if unlisted or noticed < _BAR * tried else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
