"""Changes shared/ with each of mutmut's mutations, and runs the unit tests for each change.

Fails if they notice fewer than 95 % of all, or if a change that they don't notice is not in `survivors.toml`.
``python -m tests.mutation 'shared.upstreams.sts*'`` tries some changes; ``--update`` writes `survivors.toml`.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.mutation.survivors import UNEXPLAINED, Survivor, read, survivor, update, written

ROOT: Final = Path(__file__).parents[2]
_LIST: Final = Path(__file__).with_name("survivors.toml")
_NEEDED: Final = ("shared", "tests", "local", "GetArrToken", "host.json", "pyproject.toml")
_LEAST_NOTICED: Final = 0.95
#: pytest's exit statuses for a failed and a broken run, and all that mutmut has for a time-out: a hang is noticed.
_NOTICED: Final = frozenset({1, 3, 24, 36, 152, 255, -24, -9})
_PROCESSES: Final = 2 * (os.process_cpu_count() or 1)  # half of the tests' time, they wait for time limits
# It has no effect, but mutmut does not change decorated functions.
_OVERRIDE: Final = re.compile(r"^ *@override\n", re.MULTILINE)


def _copy(to: Path) -> None:
    for name in _NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, to / name)
    for module in (to / "shared").rglob("*.py"):
        module.write_text(_OVERRIDE.sub("", module.read_text(encoding="utf-8")), encoding="utf-8")


def _mutmut(where: Path, *arguments: str) -> str:
    """Run a command of mutmut; its progress goes to the terminal."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    shown = None if arguments[0] == "run" else subprocess.PIPE
    environment = os.environ | {"HYPOTHESIS_PROFILE": "mutate"}
    return subprocess.run(command, cwd=where, env=environment, stdout=shown, check=True, text=True).stdout or ""


def _try(patterns: list[str]) -> tuple[int, set[Survivor], int]:
    """Return the number of mutants, the kinds of unnoticed ones, and their number."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        _copy(where)
        _mutmut(where, "run", f"--max-children={_PROCESSES}", *patterns)
        statuses: dict[str, int | None] = {}
        for module in where.glob("mutants/shared/**/*.meta"):
            statuses |= json.loads(module.read_text(encoding="utf-8"))["exit_code_by_key"]
        tried = {mutant: status for mutant, status in statuses.items() if status is not None}
        left = [mutant for mutant, status in tried.items() if status not in _NOTICED]
        return len(tried), {survivor(mutant, _mutmut(where, "show", mutant)) for mutant in left}, len(left)


def main(arguments: list[str]) -> int:
    """Try the mutants whose names match, or all, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("patterns", nargs="*", help="names of mutants, such as 'shared.upstreams.sts*'; default: all")
    parser.add_argument("--update", action="store_true", help="write survivors.toml, with the reasons that it has")
    options = parser.parse_args(arguments)
    listed = read(_LIST.read_text(encoding="utf-8"))
    tried, found, left = _try(options.patterns)
    print(f"\n{tried - left} of {tried} mutants noticed: {1 - left / tried:.1%}")
    if options.update:
        kept = listed if options.patterns else {}
        listed = kept | update(listed, found)
        _LIST.write_text(written(listed), encoding="utf-8")
    unexplained = {one for one in found if listed.get(one, UNEXPLAINED) == UNEXPLAINED}
    stale = set() if options.patterns else listed.keys() - found
    for title, those in (("Not listed, or without a reason:", unexplained), ("Listed, but noticed:", stale)):
        if those:
            print(title, written(dict.fromkeys(those, UNEXPLAINED)), sep="\n")
    too_few = not options.patterns and left > (1 - _LEAST_NOTICED) * tried
    return 1 if unexplained or too_few else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
