"""README's commands and snippets, as a reader runs them."""

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

// The shape of ARR's own.
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
    """A stack that demands a function key, as Azure does."""
    with running_stack("--key", KEY) as stack:
        yield stack


def broken(stack: Stack) -> None:
    """The STS rejects what it gets: a problem, and no cool-down that another test would wait for."""
    stack.send("PUT", "faults/sts", status=400)
    stack.send("POST", "restart")


def mended(stack: Stack) -> str:
    """Return the token that callers get now."""
    stack.send("POST", "reset")
    stack.send("POST", "restart")
    answer = requests.get(f"{stack.origin}/api/GetArrToken", headers={"x-functions-key": KEY}, timeout=20)
    return str(answer.json()["AccessToken"])


def test_it_is_short() -> None:
    """A reader gets to the end."""
    assert len(README.splitlines()) <= 150


def test_the_sessions_and_switches_exist() -> None:
    """Each command of nox that a document names is one."""
    sessions = set(re.findall(r"(?m)^@nox\.session\ndef (\w+)", read("noxfile.py")))
    for document in ("README.md", "CONTRIBUTING.md", "local/README.md", "docs/testing.md"):
        assert set(re.findall(r"nox -s (\w+)", read(document))) <= sessions, document


def test_the_commands_run_in_every_shell() -> None:
    """No line of a block has what cmd or Windows PowerShell 5.1 does not know."""
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
    """The lines take the STS down and drop the token; the call gets a 503, and the last one mends it."""
    lines = [line for line in blocks(README, "sh").splitlines() if line.startswith("curl")]
    lines += re.findall(r"`(curl -X POST [^`]+/reset\S*)`", README)
    assert len(lines) == 4
    with running_stack() as stack:
        said = []
        for line in lines:
            command = line.replace("http://localhost:7071", stack.origin).replace("curl", curl, 1)
            ended = subprocess.run([*program, command], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
            said.append(ended.stdout)
        assert "sts now answers 503. A token is cached" in said[0]
        assert "without a cached token" in said[1]
        assert "503 Service Unavailable" in said[2]
        assert "sts-unavailable" in said[2]
        assert "Everything works again" in said[3]


def test_the_python_snippet(stack: Stack) -> None:
    """It gets the token, and raises what the problem says; without the key, what the platform says."""
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
    """Compiled with Mono and run, it fills all four fields, and tells what the problem and the platform say."""
    (snippet,) = (body for language, body in fences(README) if language == "csharp")
    source = tmp_path / "Program.cs"
    source.write_text(PROGRAM % snippet.replace(AZURE, stack.origin), encoding="utf-8")
    json_net = next(Path("/usr/lib/cli").glob("Newtonsoft.Json-*/Newtonsoft.Json.dll"))
    shutil.copy(json_net, tmp_path)
    command = ["mcs", "-langversion:7", f"-reference:{json_net}", "-reference:System.Net.Http"]
    subprocess.run([*command, f"-out:{tmp_path / 'Program.exe'}", source], check=True, timeout=120)  # noqa: S603
    run = ["mono", str(tmp_path / "Program.exe")]

    def printed(key: str) -> str:
        return subprocess.run([*run, key], capture_output=True, text=True, timeout=120, check=True).stdout  # noqa: S603

    token = mended(stack)
    account, domain = "35d830cb-f062-4062-9792-d6316039df56", "westeurope.mixedreality.azure.com"
    assert printed(KEY).splitlines() == [f"{account} {domain} {domain}", token]
    assert "401" in printed("another")
    broken(stack)
    assert re.match(r"sts-rejected-request: Most often .* \([0-9a-f-]{36}\)", printed(KEY))
