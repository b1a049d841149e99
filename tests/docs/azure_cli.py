"""Azure's own CLI parses every ``az`` command of the guides, the scripts and the release workflow.

``python -m tests.docs.azure_cli``, where the package azure-cli is installed, without a sign-in and without a network: a
command that parses ends with 1, as no login is found; one with a wrong option or name ends with 2.
"""

import importlib
import io
import os
import re
import shlex
import socket
import sys
import tempfile
import textwrap
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NoReturn

from tests.docs.markdown import read
from tests.docs.shells import blocks, filled, run

#: In an extension that the CLI offers to install.
EXTENSIONS = [["monitor", "log-analytics", "query"]]
_FILES = {"file": os.devnull, "@file": f"@{os.devnull}"}  # the CLI opens the file
NO_SIGN_IN = [["login"]]  # it would start a sign-in


def of_the_guides() -> list[list[str]]:
    """Return the commands of the blocks, with the shells' values for variables."""
    names, *others = blocks()
    commands = _ran(names.bash, "")
    for block in others:
        commands += _ran(block.bash, names.bash if block.guide == names.guide else "")
    return commands


def of_the_scripts() -> list[list[str]]:
    """Return the commands of the hook, and of the release job after publishing."""
    (step,) = re.findall(r"(?m)^        run: \|\n((?: {10}.*\n)+)", read(".github/workflows/release.yml"))
    step = textwrap.dedent(step).replace("infra/probe.sh", "true")
    environment = "export AZURE_RESOURCE_GROUP=group AZURE_FUNCTION_APP_NAME=app AZURE_SUBSCRIPTION_ID=subscription\n"
    return _ran(f"{environment}bash infra/app-key.sh\n{step}", "")


def _ran(block: str, before: str) -> list[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        calls = [call["arguments"] for call in run("bash", block, before, Path(folder)) if call["tool"] == "az"]
    return [[_FILES.get(argument, argument) for argument in arguments] for arguments in calls]


def of_the_prose() -> list[list[str]]:
    """Return the complete commands between backticks."""
    text = read("docs/deployment.md") + read("docs/operations.md") + read("docs/security.md")
    spans = re.findall(r"`az ([^`\n]+)`", re.sub(r"(?<=\w)\n(?=[\w-])", " ", text))
    return [shlex.split(filled(span).replace("$", "")) for span in spans if "…" not in span]


def of_entra() -> list[list[str]]:
    """Return the commands that infra/entra.py runs."""
    entra = importlib.import_module("infra.entra")
    calls: list[list[str]] = []

    def record(*arguments: str, body: Any = None) -> str:
        calls.append([*arguments, *([] if body is None else ["{}"])])
        return "made-up"

    entra.az = record  # type: ignore[attr-defined]  # the test replaces it
    for command in (["register", "d"], ["assign", "d", "someone@example.com"], ["trust", "d", "subject"]):
        with redirect_stdout(io.StringIO()):
            entra.main(command)
    return calls


def _unreachable(*_: Any) -> NoReturn:
    raise OSError("no network here")


def refusal(cli: Any, command: list[str]) -> str:
    """Return the CLI's error for a command that it can't parse, or nothing."""
    if command[:1] in NO_SIGN_IN or command[:3] in EXTENSIONS:
        return ""
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            status = cli.invoke(command, out_file=io.StringIO())
    except SystemExit as ended:
        status = ended.code
    return "" if status in (0, 1) else f"az {shlex.join(command)}\n{said.getvalue()}"


def main() -> None:
    """Parse all commands; exit with the CLI's errors."""
    commands = [*of_the_guides(), *of_the_prose(), *of_the_scripts(), *of_entra()]
    os.environ |= {"AZURE_CORE_COLLECT_TELEMETRY": "no", "AZURE_EXTENSION_USE_DYNAMIC_INSTALL": "no"}
    with tempfile.TemporaryDirectory() as configuration:
        os.environ["AZURE_CONFIG_DIR"] = configuration
        socket.socket.connect = _unreachable  # type: ignore[method-assign]  # it stops every connection
        from azure.cli.core import get_default_cli  # noqa: PLC0415  # reads its configuration folder at once

        distinct = {tuple(command): command for command in commands}.values()
        refused = [said for command in distinct if (said := refusal(get_default_cli(), command))]
    if refused:
        sys.exit("\n".join(refused))
    sys.stdout.write(f"guides: Azure CLI parses {len(distinct)} different commands\n")


if __name__ == "__main__":
    main()
