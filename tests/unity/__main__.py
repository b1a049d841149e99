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
_STUBS = Path(__file__).with_name("stubs")
_SAMPLE_DEFINES = ((), ("GETARRTOKEN_MSAL",), ("GETARRTOKEN_REMOTE_RENDERING",))


def main() -> None:
    """Raise SystemExit with what failed."""
    with tempfile.TemporaryDirectory(prefix="getarrtoken-unity-") as name:
        output = Path(name)
        client = _build_client(output)
        _build_samples(output, client)
        _run_tests(output, client)


def _build_client(output: Path) -> Path:
    json = Path(shutil.copy(toolchain.newtonsoft(), output))
    client = toolchain.build(output / "GetArrToken.dll", sorted((PACKAGE / "Runtime").glob("*.cs")), [json])
    beyond = surface.beyond_standard(client)
    if beyond:
        sys.exit(f"unity: .NET Standard 2.0 has no {', '.join(sorted(beyond))}")
    _say(f"{client.name}: compiled, no type beyond .NET Standard 2.0")
    return client


def _build_samples(output: Path, client: Path) -> None:
    stubs = toolchain.build(output / "Stubs.dll", sorted(_STUBS.glob("*.cs")))
    sources = sorted((PACKAGE / "Samples~").rglob("*.cs"))
    everything = tuple(name for defines in _SAMPLE_DEFINES for name in defines)
    for defines in (*_SAMPLE_DEFINES, everything):
        toolchain.build(output / "Sample.dll", sources, [client, stubs], defines)
    _say("Samples~: compiled against stubs, with and without MSAL and ARR")


def _run_tests(output: Path, client: Path) -> None:
    nunit = Path(shutil.copy(toolchain.nunit(), output))
    references = [client, toolchain.newtonsoft(), nunit]
    tests = toolchain.build(output / "GetArrToken.Tests.dll", sorted((PACKAGE / "Tests").glob("*.cs")), references)
    runner = toolchain.build(output / "Runner.exe", [Path(__file__).with_name("Runner.cs")], [nunit])
    with local_stack(output / "stack.log") as origin:
        settings = environment({"GETARRTOKEN_STACK": origin, "GETARRTOKEN_STACK_KEY": FUNCTION_KEY})
        for name, command in toolchain.runtimes(output).items():
            _say(f"{name}: {toolchain.run([*command, str(runner), str(tests), *sys.argv[1:]], settings)}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
