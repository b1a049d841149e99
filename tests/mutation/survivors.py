"""The mutants that no test notices: `survivors.toml` lists them with the reason why each needs no test."""

import json
import tomllib
from typing import Final, NamedTuple

_CLASS_MARK: Final = "\N{LATIN LETTER LATERAL CLICK}"  # mutmut's: xǁSecretǁreveal__mutmut_1
UNEXPLAINED: Final = ""
_HEAD: Final = """\
# The mutants of shared/ that no unit test notices, by the reason why each is worth no test. The mutation session fails
# for one that is not listed here, or is listed without a reason; `-- --update` writes the list anew.
"""


class Survivor(NamedTuple):
    """A mutant by its text, which stays the same when lines move: ``upstreams.sts.Sts.issue``, the old and new line."""

    function: str
    before: str
    after: str


def survivor(mutant: str, shown: str) -> Survivor:
    """Return the mutant that has this name in mutmut, which shows a line and then a diff."""
    module, _, mangled = mutant.partition("__mutmut_")[0].removeprefix("shared.").rpartition(".")
    name = mangled.removeprefix("x_").removeprefix(f"x{_CLASS_MARK}").replace(_CLASS_MARK, ".")
    return Survivor(f"{module}.{name}", _lines(shown, "-"), _lines(shown, "+"))


def _lines(shown: str, sign: str) -> str:
    changes = shown.partition("\n--- ")[2].splitlines()[2:]  # after the file's names
    return " ".join(line[1:].strip() for line in changes if line.startswith(sign))


def read(text: str) -> dict[Survivor, str]:
    """Return the listed survivors and their reasons."""
    groups = tomllib.loads(text).get("group", [])
    return {Survivor(*mutant): group["why"] for group in groups for mutant in group["mutants"]}


def update(listed: dict[Survivor, str], found: set[Survivor]) -> dict[Survivor, str]:
    """Return the found survivors with the reasons of the list, also if a function was moved or renamed."""
    same_change = {(one.before, one.after): why for one, why in listed.items()}
    return {one: listed.get(one) or same_change.get((one.before, one.after), UNEXPLAINED) for one in sorted(found)}


def written(listed: dict[Survivor, str]) -> str:
    """Return the list as text."""
    text = _HEAD
    for reason in sorted(set(listed.values())):
        text += f"\n[[group]]\nwhy = {_quoted(reason)}\nmutants = [\n"
        for one in sorted(one for one, why in listed.items() if why == reason):
            text += f"    [\n{''.join(f'        {_quoted(part)},\n' for part in one)}    ],\n"
        text += "]\n"
    return text


def _quoted(text: str) -> str:
    """Return a TOML string, without escapes if possible."""
    return json.dumps(text, ensure_ascii=False) if "'" in text or not text.isprintable() else f"'{text}'"
