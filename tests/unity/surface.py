"""Compares the types that an assembly uses with those of .NET Standard 2.0, but not their members."""

import re
from pathlib import Path

from tests.unity.toolchain import NETSTANDARD, run

_USED = re.compile(r"\[(?:mscorlib|System[\w.]*)\]([\w.`]+)")
_STANDARD = re.compile(r"^\.class extern forwarder (?:public )?([\w.`]+)", re.MULTILINE)


def beyond_standard(assembly: Path) -> set[str]:
    """Return the used framework types that .NET Standard 2.0 lacks."""
    used = set(_USED.findall(run(["ikdasm", str(assembly)])))
    standard = set(_STANDARD.findall(run(["ikdasm", str(NETSTANDARD)])))
    if not used or not standard:
        raise SystemExit(f"ikdasm printed nothing about {assembly.name} or {NETSTANDARD.name}")
    return used - standard
