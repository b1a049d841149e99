"""Mono from Debian (Unity's own scripting runtime) and .NET from PyPI's dotnetcore2.

``python -m tests.unity.toolchain`` says which Debian packages are missing.
"""

import importlib.metadata
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

# .NET Framework 4.6.1 has few members that .NET Standard 2.0's types lack; `surface` checks the types themselves.
_REFERENCES = Path("/usr/lib/mono/4.6.1-api")
NETSTANDARD = Path("/usr/lib/mono/4.7.1-api/Facades/netstandard.dll")
_FRAMEWORK = ("mscorlib.dll", "System.dll", "System.Core.dll", "System.Net.Http.dll")
_LIBRARIES = Path("/usr/lib/cli")

_PATIENCE_S = 300  # it takes 15 s on an idle machine


def missing() -> list[str]:
    """Name the Debian packages that have to be installed."""
    there = {
        "mono-mcs": shutil.which("mcs"),
        "mono-devel": shutil.which("ikdasm") and NETSTANDARD.exists() and _REFERENCES.exists(),
        "libnunit-framework2.6.3-cil": _installed("nunit.framework"),
        "libnewtonsoft-json5.0-cil": _installed("Newtonsoft.Json"),
    }
    return [package for package, found in there.items() if not found]


def newtonsoft() -> Path:
    """Find Json.NET, an older one than Unity maintains."""
    return _installed("Newtonsoft.Json")[0]


def nunit() -> Path:
    """Find NUnit 2.6's framework."""
    return _installed("nunit.framework")[0]


def runtimes(folder: Path) -> dict[str, list[str]]:
    """Return for each runtime the command that starts a program; .NET's configuration goes to `folder`."""
    dotnetcore2 = importlib.metadata.distribution("dotnetcore2")
    dotnet = Path(str(dotnetcore2.locate_file("dotnetcore2/bin/dotnet")))
    options = {
        "framework": {"name": "Microsoft.NETCore.App", "version": ".".join([*dotnetcore2.version.split(".")[:2], "0"])},
        "configProperties": {"System.Globalization.Invariant": True},  # no ICU
    }
    config = folder / "runtimeconfig.json"
    config.write_text(json.dumps({"runtimeOptions": options}), encoding="utf-8")
    return {
        "Mono": ["mono", "--debug"],
        f".NET Core {dotnetcore2.version}": [str(dotnet), "exec", "--runtimeconfig", str(config)],
    }


def build(output: Path, sources: Iterable[Path], references: Iterable[Path] = (), defines: Sequence[str] = ()) -> Path:
    """Compile as C# 7, with warnings as errors. Raises SystemExit with the compiler's output."""
    target = "exe" if output.suffix == ".exe" else "library"
    command = ["mcs", f"-target:{target}", "-langversion:7", "-warnaserror", "-debug", "-nostdlib", "-noconfig"]
    command += [f"-lib:{_REFERENCES}", *(f"-reference:{name}" for name in (*_FRAMEWORK, *references))]
    command += [f"-define:{name}" for name in defines]
    run([*command, f"-out:{output}", *map(str, sources)])
    return output


def run(command: Sequence[str], env: dict[str, str] | None = None) -> str:
    """Return its output. Raises SystemExit with it if it fails or hangs."""
    try:
        ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)  # noqa: S603  # our own command
    except subprocess.TimeoutExpired as hung:
        written = b"".join(text for text in (hung.stdout, hung.stderr) if text).decode(errors="replace")
        sys.exit(f"{command[0]} did not end within {_PATIENCE_S} s:\n{written}")
    if ended.returncode:
        sys.exit(f"{command[0]} failed:\n{ended.stdout}{ended.stderr}")
    return ended.stdout


def _installed(assembly: str) -> list[Path]:
    return sorted(_LIBRARIES.glob(f"{assembly}-*/{assembly}.dll"))


if __name__ == "__main__":
    packages = missing()
    if packages:
        sys.exit(f"unity: Mono is missing. Install it: sudo apt-get install {' '.join(packages)}")
