"""README's commands and snippets, run like a reader runs them."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.docs.markdown import blocks, fences, read
from tests.page.stack import Stack, running_stack

README = read("README.md")
POWERSHELL = shutil.which("pwsh") or shutil.which("powershell")
MONO = shutil.which("mcs") and shutil.which("mono")
AZURE = "https://<app>.azurewebsites.net"
KEY = "made-up-key"
PROGRAM = """
using System;
using System.Net.Http;
using System.Threading.Tasks;
using Newtonsoft.Json.Linq;

// Simulates ARR's class.
public class SessionConfiguration
{
    public string AccountDomain, RemoteRenderingDomain, AccountId, AccessToken;
}

public static class Program
{
    public static void Main(string[] arguments)
    {
        try { Call(new HttpClient(), arguments[0]).Wait(); }
        catch (AggregateException error) { Console.WriteLine(error.InnerException.Message); }
    }

    private static async Task Call(HttpClient http, string key)
    {
%s
        Console.WriteLine(string.Join(" ", config.AccountId, config.AccountDomain, config.RemoteRenderingDomain));
        Console.WriteLine(config.AccessToken);
    }
}
"""


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack that requires a function key, as Azure does."""
    with running_stack("--key", KEY) as stack:
        yield stack


def broken(stack: Stack) -> None:
    """Have the STS refuse each request: a problem, and no cool-down that would delay another test."""
    stack.send("PUT", "faults/sts", status=400)
    stack.send("POST", "restart")


def mended(stack: Stack) -> str:
    """Clear all faults, and return the token that callers get."""
    stack.send("POST", "reset")
    stack.send("POST", "restart")
    response = requests.get(f"{stack.origin}/api/GetArrToken", headers={"x-functions-key": KEY}, timeout=20)
    return str(response.json()["AccessToken"])


def test_the_sessions_and_switches_exist() -> None:
    """A reader can run each nox command that a document names."""
    sessions = set(re.findall(r"(?m)^@nox\.session\ndef (\w+)", read("noxfile.py")))
    for document in ("README.md", "CONTRIBUTING.md", "local/README.md", "docs/testing.md"):
        assert set(re.findall(r"nox -s (\w+)", read(document))) <= sessions, document


def test_the_commands_run_in_every_shell() -> None:
    """A reader can paste each line into cmd and Windows PowerShell 5.1, too."""
    commands = blocks(README, "sh").splitlines()
    assert {"python -m pip install nox", "python -m nox -s start", "python -m nox -s test"} <= set(commands)
    assert [line for line in commands if re.search(r"&&|\\|'|\$|^export", line)] == []


@pytest.mark.parametrize(
    ("program", "curl"),
    [
        pytest.param(["bash", "-c"], "curl", marks=pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")),
        pytest.param(
            [POWERSHELL or "", "-NoProfile", "-Command"],
            "curl.exe" if shutil.which("curl.exe") else "curl",
            marks=pytest.mark.skipif(not POWERSHELL, reason="needs PowerShell"),
        ),
    ],
    ids=["bash", "PowerShell"],
)
def test_making_it_fail(program: list[str], curl: str) -> None:
    """A reader sees the 503 of an STS outage without a cached token, and ends it with the last line."""
    lines = [line for line in blocks(README, "sh").splitlines() if line.startswith("curl")]
    lines += re.findall(r"`(curl -X POST [^`]+/reset\S*)`", README)
    assert len(lines) == 4
    with running_stack() as stack:
        said = []
        for line in lines:
            command = line.replace("http://localhost:7071", stack.origin).replace("curl", curl, 1)
            ended = subprocess.run([*program, command], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603  # our own command
            said.append(ended.stdout)
        assert "sts now answers 503. A token is cached" in said[0]
        assert "without a cached token" in said[1]
        assert "503 Service Unavailable" in said[2]
        assert "sts-unavailable" in said[2]
        assert "Everything works again" in said[3]


@pytest.mark.parametrize(
    ("language", "program"),
    [
        pytest.param("bash", ["bash", "-ec"], marks=pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")),
        pytest.param(
            "powershell",
            [POWERSHELL or "", "-NoProfile", "-Command"],
            marks=pytest.mark.skipif(not POWERSHELL, reason="needs PowerShell"),
        ),
    ],
)
def test_a_fault_in_json(stack: Stack, language: str, program: list[str]) -> None:
    """A reader can set the fault of local/README.md in each shell: a lost quote would be a 400."""
    script = blocks(read("local/README.md"), language).replace("http://localhost:7071", stack.origin)
    ended = subprocess.run([*program, script], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603  # our own command
    assert "sts now answers 429 with Retry-After 7, for 2 calls." in ended.stdout
    stack.send("POST", "reset")


def test_the_python_snippet(stack: Stack) -> None:
    """A reader gets the token, the problem's text, or the platform's 401."""
    token = mended(stack)
    assert python_snippet(stack, KEY)["token"] == token
    with pytest.raises(requests.HTTPError, match="401"):
        python_snippet(stack, "another")
    broken(stack)
    with pytest.raises(RuntimeError, match=r"sts-rejected-request: Most often .* \([0-9a-f-]{36}\)"):
        python_snippet(stack, KEY)


def python_snippet(stack: Stack, key: str) -> dict[str, Any]:
    names: dict[str, Any] = {"requests": requests, "key": key}
    exec(blocks(README, "python").replace(AZURE, stack.origin), names)  # noqa: S102  # README's own
    return names


@pytest.mark.skipif(not MONO, reason="needs Mono: sudo apt-get install mono-devel libnewtonsoft-json5.0-cil")
def test_the_csharp_snippet(stack: Stack, tmp_path: Path) -> None:
    """A reader gets all four fields, the problem's text, or the platform's 401."""
    (snippet,) = (body for language, body in fences(README) if language == "csharp")
    source = tmp_path / "Program.cs"
    source.write_text(PROGRAM % snippet.replace(AZURE, stack.origin), encoding="utf-8")
    json_net = next(Path("/usr/lib/cli").glob("Newtonsoft.Json-*/Newtonsoft.Json.dll"))
    shutil.copy(json_net, tmp_path)
    command = ["mcs", "-langversion:7", f"-reference:{json_net}", "-reference:System.Net.Http"]
    subprocess.run([*command, f"-out:{tmp_path / 'Program.exe'}", source], check=True, timeout=120)  # noqa: S603  # our own command
    run = ["mono", str(tmp_path / "Program.exe")]

    def printed(key: str) -> str:
        return subprocess.run([*run, key], capture_output=True, text=True, timeout=120, check=True).stdout  # noqa: S603  # our own command

    token = mended(stack)
    account, domain = "35d830cb-f062-4062-9792-d6316039df56", "westeurope.mixedreality.azure.com"
    assert printed(KEY).splitlines() == [f"{account} {domain} {domain}", token]
    assert "401" in printed("another")
    broken(stack)
    assert re.match(r"sts-rejected-request: Most often .* \([0-9a-f-]{36}\)", printed(KEY))
