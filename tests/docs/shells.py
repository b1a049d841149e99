"""Runs the blocks of the guides in their shells, with simulated programs in place of those that would call Azure.

Only the standard library, as the session `guides` runs it beside Azure's own CLI.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from tests.docs.markdown import ROOT, fences, read

GUIDES = ("docs/deployment.md", "docs/operations.md")
PWSH = shutil.which("pwsh")
_TOOLS = ("az", "azd", "func", "gh", "python", "sh")
#: Records its arguments and the content of a given file, and prints the values that the next line needs.
_STAND_IN = """#!{python} -IS
import json, os, pathlib, sys
arguments = sys.argv[1:]
file = next((b for a, b in zip(arguments, arguments[1:]) if a == "--file"), None)
file = file or next((a[1:] for a in arguments if a.startswith("@")), None)
content = pathlib.Path(file).read_text() if file else None
passed = [("@" + "file" if a[:1] == "@" else "file" if a == file else a) for a in arguments]
call = {{"tool": pathlib.Path(sys.argv[0]).name, "arguments": passed, "content": content}}
with open(os.environ["CALLS"], "a") as calls:
    calls.write(json.dumps(call) + chr(10))
if "saved-search" in arguments:
    print("// a query" + chr(10) + "let wanted = '<requestId>';" + chr(10) + "AppTraces")
elif "keys" in arguments and "--query" not in arguments:
    print(json.dumps({{"unity-app": "made-up"}}))
elif "none" not in arguments:
    print("made-up")
"""
_PLACEHOLDERS = {"<account-id>": "35d830cb-f062-4062-9792-d6316039df56"}
_PWSH_PREAMBLE = (
    "$ErrorActionPreference = 'Stop'\n$PSNativeCommandUseErrorActionPreference = $true\n"
    "function Read-Host { ConvertTo-SecureString 'typed' -AsPlainText -Force }\n"
)


class Block(NamedTuple):
    """A block of a guide: its text for bash and for PowerShell, which is the same if there is no second form."""

    guide: str
    bash: str
    powershell: str

    def __str__(self) -> str:
        return self.bash.strip().splitlines()[0][:50]


def blocks() -> list[Block]:
    """Return the commands of the guides, in order."""
    found = []
    for guide in GUIDES:
        all_fences = fences(read(guide))
        for (language, body), (following, second) in zip(all_fences, [*all_fences[1:], ("", "")], strict=True):
            if language == "bash":
                found.append(Block(guide, body, second if following == "powershell" else body))
    return found


def filled(text: str) -> str:
    """Replace each placeholder by a value."""
    for placeholder, value in _PLACEHOLDERS.items():
        text = text.replace(placeholder, value)
    return re.sub(r"<[^<>\n$'.*]+(?:@[\w.]+)?>", "filled-in", text)


def run(shell: str, block: str, names: str, folder: Path) -> list[dict[str, Any]]:
    """Run a block after the block that sets the names; return the calls that the block made, raise if it fails."""
    programs = folder / "programs"
    programs.mkdir()
    for tool in _TOOLS:
        (programs / tool).write_text(_STAND_IN.format(python=sys.executable), encoding="utf-8")
        (programs / tool).chmod(0o755)
    shutil.copytree(ROOT / "infra", folder / "infra")
    (folder / "infra" / "probe.ps1").write_text("sh infra/probe.sh\n", encoding="utf-8")
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "HOME": str(folder), "CALLS": os.devnull}
    calls = folder / "calls"
    calls.touch()
    if shell == "bash":
        script = f"set -euo pipefail\n{filled(names)}\nexport CALLS={calls}\n{filled(block)}"
        command = ["bash", "-c", script]
    else:
        script = f"{_PWSH_PREAMBLE}{filled(names)}\n$env:CALLS = '{calls}'\n{filled(block)}"
        command = [PWSH or "", "-NoProfile", "-NonInteractive", "-Command", script]
    ended = subprocess.run(  # noqa: S603  # the guides' own commands, with simulated programs
        command, cwd=folder, env=own, input="typed\n", capture_output=True, text=True, timeout=60, check=False
    )
    if ended.returncode or ended.stderr:
        raise RuntimeError(f"{shell} ended with {ended.returncode}: {ended.stderr}")
    return [json.loads(line) for line in calls.read_text(encoding="utf-8").splitlines()]
