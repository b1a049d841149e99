"""Compiles the Unity package with Mono and runs its tests: ``python -m nox -s unity``."""

import shutil
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

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
    results = output / "results.xml"
    with local_stack(output / "stack.log") as origin:
        settings = {"GETARRTOKEN_STACK": origin, "GETARRTOKEN_STACK_KEY": FUNCTION_KEY}
        # One process, so that none is left behind.
        options = ("-nologo", "-nodots", "-noshadow", "-process=Single", "-domain=None")
        command = ["nunit-console", str(tests), *options, *sys.argv[1:], f"-work={output}", f"-result={results.name}"]
        _say(toolchain.run(command, environment(settings)))
    counts = ET.parse(results).getroot().attrib  # noqa: S314  # NUnit's own
    if counts["not-run"] != "0" or counts["total"] == "0":
        sys.exit("unity: some tests did not run")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
