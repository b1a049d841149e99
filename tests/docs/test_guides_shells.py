"""The blocks of the guides, run in bash and PowerShell: whoever pastes one gets what the other shell's readers get."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.markdown import blocks as text_of
from tests.docs.markdown import read
from tests.docs.shells import PWSH, Block, blocks, run
from tests.unity.stack import FUNCTION_KEY, local_stack

BLOCKS = blocks()
NAMES = next(block for block in BLOCKS if block.bash.startswith("rg="))
pytestmark = pytest.mark.skipif(sys.platform == "win32" or not shutil.which("bash"), reason="no bash")
in_powershell = pytest.mark.skipif(PWSH is None, reason="no PowerShell")
each_block = pytest.mark.parametrize("block", BLOCKS, ids=str)


def _before(block: Block, shell: str) -> str:
    return "" if block is NAMES or block.guide != NAMES.guide else getattr(NAMES, shell)


@each_block
def test_a_block_runs_in_bash(block: Block, tmp_path: Path) -> None:
    """To its end, with every variable set by the guide, and it calls something."""
    assert run("bash", block.bash, _before(block, "bash"), tmp_path)


@in_powershell
@each_block
def test_powershell_asks_for_the_same(block: Block, tmp_path: Path) -> None:
    """Its readers' block calls the same programs with the same arguments, also where it is the same text."""
    calls = {}
    for shell, text in (("bash", block.bash), ("powershell", block.powershell)):
        folder = tmp_path / shell
        folder.mkdir()
        calls[shell] = [_comparable(call) for call in run(shell, text, _before(block, shell), folder)]
    assert calls["powershell"] == calls["bash"]


def _comparable(call: dict[str, Any]) -> dict[str, Any]:
    """Leave out how the two shells get one field out of JSON, and the end of a file's last line."""
    arguments = call["arguments"]
    if "keys" in arguments and "list" in arguments:
        arguments = arguments[: arguments.index("list") + 1]
    return call | {"arguments": arguments, "content": (call["content"] or "").rstrip("\n")}


def test_the_account_key_is_stored_without_a_newline(tmp_path: Path) -> None:
    """As typed, through a file that is not the command line; az does not print it."""
    (block,) = (one for one in BLOCKS if "keyvault secret set" in one.bash)
    for shell in ("bash", *(["powershell"] if PWSH else [])):
        folder = tmp_path / shell
        folder.mkdir()
        (call,) = run(shell, getattr(block, shell), _before(block, shell), folder)
        assert call["content"] == "typed"
        assert "typed" not in call["arguments"]
        assert call["arguments"][-4:] == ["--query", "id", "--output", "tsv"]


def test_a_query_reaches_azure_whole(tmp_path: Path) -> None:
    """With the id that was asked for in the place of the placeholder, and as a file."""
    (block,) = (one for one in BLOCKS if "saved-search show" in one.bash)
    for shell in ("bash", *(["powershell"] if PWSH else [])):
        folder = tmp_path / shell
        folder.mkdir()
        call = run(shell, getattr(block, shell).replace("none", "3f6c6f5e"), "", folder)[-1]
        assert call["content"].splitlines() == ["// a query", "let wanted = '3f6c6f5e';", "AppTraces"]


def test_one_block_has_one_purpose() -> None:
    """Whoever pastes a block whole does not delete what it has just shown or made."""
    for block in BLOCKS:
        assert (
            len(
                set(
                    re.findall(r"\b(list|set|delete)\b(?= --resource-group \S+ --name \S+ --function-name)", block.bash)
                )
            )
            <= 1
        )
        assert not (re.search(r"\bdelete\b", block.bash) and block.bash.strip().count("\n"))


@in_powershell
def test_the_readmes_lines_work_in_powershell(tmp_path: Path) -> None:
    """README's call and the local stack's switches, against the local stack; what they print can be read."""
    with local_stack(tmp_path / "log") as origin:
        switches = text_of(read("local/README.md"), "powershell").replace("http://localhost:7071", origin)
        call = text_of(read("README.md"), "powershell").replace("https://$app.azurewebsites.net", origin)
        script = f"$ErrorActionPreference = 'Stop'\n$key = '{FUNCTION_KEY}'\n{switches}\n({call.strip()}).AccountId"
        command = [PWSH or "", "-NoProfile", "-NonInteractive", "-Command", script]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", ended.stdout.strip())
