"""The blocks of the guides, run in bash and PowerShell: both have the same effect."""

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.shells import PWSH, Block, blocks, run

BLOCKS = blocks()
NAMES = next(block for block in BLOCKS if block.bash.startswith("rg="))
pytestmark = pytest.mark.skipif(sys.platform == "win32" or not shutil.which("bash"), reason="no bash")
in_powershell = pytest.mark.skipif(PWSH is None, reason="no PowerShell")
each_block = pytest.mark.parametrize("block", BLOCKS, ids=str)


def _before(block: Block, shell: str) -> str:
    return "" if block is NAMES or block.guide != NAMES.guide else getattr(NAMES, shell)


@each_block
def test_a_block_runs_in_bash(block: Block, tmp_path: Path) -> None:
    """A reader can paste the block: every variable is set by the guide, and it runs to its end."""
    assert run("bash", block.bash, _before(block, "bash"), tmp_path)


@in_powershell
@each_block
def test_powershell_asks_for_the_same(block: Block, tmp_path: Path) -> None:
    """A reader with PowerShell calls the same programs with the same arguments."""
    calls = {}
    for shell, text in (("bash", block.bash), ("powershell", block.powershell)):
        folder = tmp_path / shell
        folder.mkdir()
        calls[shell] = [_comparable(call) for call in run(shell, text, _before(block, shell), folder)]
    assert calls["powershell"] == calls["bash"]


def _comparable(call: dict[str, Any]) -> dict[str, Any]:
    """Ignore differences between the shells: how one field is read from JSON, and a file's last newline."""
    arguments = call["arguments"]
    if "keys" in arguments and "list" in arguments:
        arguments = arguments[: arguments.index("list") + 1]
    return call | {"arguments": arguments, "content": (call["content"] or "").rstrip("\n")}


def test_the_account_key_is_stored_without_a_newline(tmp_path: Path) -> None:
    """The key is stored as typed, is not on a command line, and az does not print it."""
    (block,) = (one for one in BLOCKS if "keyvault secret set" in one.bash)
    for shell in ("bash", *(["powershell"] if PWSH else [])):
        folder = tmp_path / shell
        folder.mkdir()
        (call,) = run(shell, getattr(block, shell), _before(block, shell), folder)
        assert call["content"] == "typed"
        assert "typed" not in call["arguments"]
        assert call["arguments"][-4:] == ["--query", "id", "--output", "tsv"]


def test_a_query_reaches_azure_whole(tmp_path: Path) -> None:
    """The query is sent as a file, with the reader's id in place of the placeholder."""
    (block,) = (one for one in BLOCKS if "saved-search show" in one.bash)
    for shell in ("bash", *(["powershell"] if PWSH else [])):
        folder = tmp_path / shell
        folder.mkdir()
        call = run(shell, getattr(block, shell).replace("none", "3f6c6f5e"), "", folder)[-1]
        assert call["content"].splitlines() == ["// a query", "let wanted = '3f6c6f5e';", "AppTraces"]


def test_one_block_has_one_purpose() -> None:
    """A reader who pastes a whole block does not delete something that it has just shown or made."""
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
