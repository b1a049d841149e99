"""Which mutants no test noticed, and which of them docs/testing.md lists with a reason."""

import re
from typing import Final, NamedTuple

_FAILED, _BROKEN, _TOO_LONG, _KILLED = 1, 3, -24, -9  # pytest's exit statuses, and the signals of mutmut's time limits
NOTICED: Final = frozenset({_FAILED, _BROKEN, _TOO_LONG, _KILLED})  # one that hangs has been noticed, too
_CLASS_MARK: Final = "\N{LATIN LETTER LATERAL CLICK}"  # mutmut's: xǁSecretǁreveal__mutmut_1
_LISTED: Final = re.compile(r"^ *- `([\w.]+)`: `(.+?)` → `(.*?)`(?:: (.+))?$", re.MULTILINE)


class Survivor(NamedTuple):
    """A mutant by its words, which stay the same when lines move: ``sts.Sts.issue``, and what became what."""

    function: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"- `{self.function}`: `{self.before}` → `{self.after}`"


def survivor(mutant: str, shown: str) -> Survivor:
    """Return the mutant that mutmut calls by this name and shows like this: a line of its own, and a diff."""
    module, mangled = mutant.partition("__mutmut_")[0].removeprefix("shared.").split(".")
    name = mangled.removeprefix("x_").removeprefix(f"x{_CLASS_MARK}").replace(_CLASS_MARK, ".")
    return Survivor(f"{module}.{name}", _lines(shown, "-"), _lines(shown, "+"))


def listed(document: str) -> set[Survivor]:
    """Return what the document lists."""
    return {Survivor(*match.group(1, 2, 3)) for match in _LISTED.finditer(document)}


def _lines(shown: str, sign: str) -> str:
    changes = shown.partition("\n--- ")[2].splitlines()[2:]  # after the file's names
    return " ".join(line[1:].strip() for line in changes if line.startswith(sign))
