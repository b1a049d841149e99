"""Compiles the Unity package with Mono and runs its tests on Mono and on .NET: ``python -m nox -s unity``.

``-- Part`` runs the tests whose full name contains that part.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.unity import surface, toolchain
from tests.unity.stack import FUNCTION_KEY, ROOT, environment, local_stack

PACKAGE = ROOT / "clients" / "unity"
_HERE = Path(__file__).parent
_SAMPLE_DEFINES = ((), ("GETARRTOKEN_MSAL",), ("GETARRTOKEN_REMOTE_RENDERING",))


def main() -> None:
    """Raise SystemExit with what failed."""
    with tempfile.TemporaryDirectory(prefix="getarrtoken-unity-") as name:
        output = Path(name)
        nunit = Path(shutil.copy(toolchain.nunit(), output))
        client = _build_client(output)
        sample = _build_sample(output, client)
        tests = [
            toolchain.build(
                output / "GetArrToken.Tests.dll", _sources(PACKAGE / "Tests"), [client, _json(output), nunit]
            ),
            toolchain.build(output / "SampleTests.dll", [_HERE / "SampleTests.cs"], [client, *sample, nunit]),
        ]
        _run_tests(output, toolchain.build(output / "Runner.exe", [_HERE / "Runner.cs"], [nunit]), tests)


def _build_client(output: Path) -> Path:
    shutil.copy(toolchain.newtonsoft(), output)
    client = toolchain.build(output / "GetArrToken.dll", _sources(PACKAGE / "Runtime"), [_json(output)])
    beyond = surface.beyond_standard(client)
    if beyond:
        sys.exit(f"unity: .NET Standard 2.0 has no {', '.join(sorted(beyond))}")
    _say(f"{client.name}: compiled, no type beyond .NET Standard 2.0")
    return client


def _build_sample(output: Path, client: Path) -> list[Path]:
    """Compile it with and without each of its defines. Return it with all of them, and its stubs."""
    stubs = toolchain.build(output / "Stubs.dll", _sources(_HERE / "stubs"))
    sources = _sources(PACKAGE / "Samples~")
    everything = tuple(name for defines in _SAMPLE_DEFINES for name in defines)
    for defines in (*_SAMPLE_DEFINES, everything):
        sample = toolchain.build(output / "Sample.dll", sources, [client, stubs], defines)
    _say("Samples~: compiled against stubs, with and without MSAL and ARR")
    return [sample, stubs]


def _run_tests(output: Path, runner: Path, tests: list[Path]) -> None:
    arguments = [str(runner), "".join(sys.argv[1:]), *map(str, tests)]
    with local_stack(output / "stack.log") as origin:
        settings = environment({"GETARRTOKEN_STACK": origin, "GETARRTOKEN_STACK_KEY": FUNCTION_KEY})
        for name, command in toolchain.runtimes(output).items():
            _say(f"{name}: {toolchain.run([*command, *arguments], settings)}")


def _sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.cs"))


def _json(output: Path) -> Path:
    return output / toolchain.newtonsoft().name


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
