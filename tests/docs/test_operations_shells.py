"""The commands of docs/operations.md, in the two shells that it is written for."""

import re
import shutil
import subprocess
import sys

import pytest

from tests.docs.markdown import blocks, fences, read

OPERATIONS = read("docs/operations.md")
SHELLS = {shell: blocks(OPERATIONS, shell) for shell in ("bash", "powershell")}
FENCES = fences(OPERATIONS)
FOLLOWERS = [*(language for language, _ in FENCES[1:]), ""]
SHARED = [
    body
    for (language, body), follower in zip(FENCES, FOLLOWERS, strict=True)
    if language == "bash" and follower != "powershell"
]
ONLY_BASH = r"(?m)^ *(?:\w+=|export |for |cat |read |\. )|\\$|<<|\$\{|'\"|\"'|\bsed |printf|curl"
VARIABLE = r"(?<!`)\$(?!env\b)([A-Za-z]\w*)"


@pytest.mark.parametrize("block", SHARED, ids=lambda block: block.split("\n", 1)[0].strip()[:40])
def test_a_block_without_a_twin_works_in_both_shells(block: str) -> None:
    """Whoever reads in PowerShell finds nothing that only bash understands, unless the PowerShell form follows."""
    assert re.findall(ONLY_BASH, block) == []


def test_no_variable_is_left_to_guess() -> None:
    """Each variable that a command uses is set by a command that is shown for the same shell."""
    bash, powershell = SHELLS["bash"], SHELLS["powershell"]
    parameters = " ".join(re.findall(r"function \w+\((.*?)\)", powershell))
    known = {
        "bash": {*re.findall(r"(?m)^ *(\w+)=", bash), *re.findall(r"\b(?:for|read -rs?) (\w+)", bash)},
        "powershell": {*re.findall(r"\$(\w+) (?:=|in) ", powershell), *re.findall(VARIABLE, parameters), "true"},
    }
    used = {"bash": bash, "powershell": "\n".join([powershell, *SHARED])}
    for shell, commands in used.items():
        assert len(known[shell]) > 10
        assert set(re.findall(VARIABLE, commands)) - known[shell] == set()


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("bash"), reason="no bash")
def test_bash_can_read_its_blocks() -> None:
    """No quote and no bracket is left open, once the placeholders are filled in."""
    filled = re.sub(r"<[^<>\n]+>", "filled-in", SHELLS["bash"])
    check = subprocess.run(["bash", "-n"], input=filled, text=True, capture_output=True, check=False)  # noqa: S607
    assert check.stderr == ""


def test_the_host_name_is_asked_for_where_it_is() -> None:
    """Of an app on Flex Consumption, az shows what Azure Resource Manager says: the host's name is in properties."""
    asked = [line for line in "\n".join(SHELLS.values()).splitlines() if "defaultHostName" in line]
    assert len(asked) == len(SHELLS)
    assert all("--query properties.defaultHostName " in line for line in asked)


def test_every_query_reaches_azure_whole() -> None:
    """PowerShell gives each query as a file: on Windows, az loses all but the first line of a text."""
    asked = re.findall(r"(?m)^Ask \w+ (.*)$", SHELLS["powershell"])
    assert len(asked) == 4
    assert all(re.match(r'"@\S+\.kql"$|\(Fill ', query) for query in asked)
    assert [re.findall(r"[\w-]+\.kql", query) for query in asked] == [
        re.findall(r"[\w-]+\.kql", query) for query in re.findall(r"(?m)^ask \w+ (.*)$", SHELLS["bash"])
    ]


def test_deploying_again_sets_everything_again() -> None:
    """Each deployment from az is shown with the file that holds its variables, so that none falls back to a default."""
    (bash,) = re.findall(r"cat > (\S+) <<EOF", SHELLS["bash"])
    (powershell,) = re.findall(r"\| Set-Content (\S+)", SHELLS["powershell"])
    again = OPERATIONS[OPERATIONS.index("### Deploying again") :]
    again = again[: again.index("\n## ")]
    for shell, file in (("bash", bash), ("powershell", powershell)):
        assert re.match(rf"\. {re.escape(file)}\naz deployment group create ", blocks(again, shell))
    assert "as above" not in OPERATIONS.replace("[as above](#is-it-up)", "")
