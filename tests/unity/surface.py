"""Which types an assembly uses, against those of .NET Standard 2.0; their members are not looked at."""

import re
from pathlib import Path

from tests.unity.toolchain import NETSTANDARD, run

_USED = re.compile(r"\[(?:mscorlib|System[\w.]*)\]([\w.`]+)")
_STANDARD = re.compile(r"^\.class extern forwarder (?:public )?([\w.`]+)", re.MULTILINE)


def beyond_standard(assembly: Path) -> set[str]:
    """Name the framework's types that it uses and that .NET Standard 2.0 lacks."""
    used = set(_USED.findall(run(["ikdasm", str(assembly)])))
    standard = set(_STANDARD.findall(run(["ikdasm", str(NETSTANDARD)])))
    if not used or not standard:
        raise SystemExit(f"ikdasm said nothing of {assembly.name} or {NETSTANDARD.name}")
    return used - standard
