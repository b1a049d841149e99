import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.environment import without_ours

_ROOT = Path(__file__).parents[2]


def _start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Run the stack as a person does, in a process of its own, with no setting but its own."""
    inherited = without_ours(os.environ)
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "local", *arguments],
        cwd=_ROOT,
        env=inherited | {"PYTHONUNBUFFERED": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _run(*arguments: str, **environment: str) -> tuple[int, str, str]:
    with _start(*arguments, **environment) as process:
        output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors


def test_once_ends_with_a_token_and_its_story() -> None:
    """The answer, the cut token, its claims, the upstream calls and the STS's own MS-CV are shown; status 0."""
    status, output, errors = _run("--once", "--port", "0", "--key")
    assert (status, errors) == (0, "")
    assert "HTTP 200" in output
    assert re.search(r"AccessToken +eyJ\S{37}\.\.\. \(11\d\d characters\)", output)
    assert re.search(r"MS-CV \S{22}\.0 is the one that the STS sent", output)
    assert {"identity", "key-vault", "sts"} <= set(re.findall(r"^  \+\S+ s  (\S+)", output, re.MULTILINE))


def test_once_without_a_token_fails() -> None:
    """A problem is shown too, and the exit status is 1; the person's own settings count."""
    status, output, _ = _run("--once", "--port", "0", ARR_MAX_WAIT_SECONDS="soon")
    assert status == 1
    assert "misconfigured" in output


@pytest.mark.parametrize(
    "arguments",
    [["--bogus"], ["stray"], ["--port", "x"], ["--port", "65536"], ["--key", "a/b"], ["--host", "no.invalid"]],
)
def test_usage_errors_are_one_line(arguments: list[str]) -> None:
    """Whatever is wrong with the command line: one line on stderr, exit status 2."""
    status, output, errors = _run(*arguments)
    assert (status, output, errors.count("\n")) == (2, "", 1)
    assert errors.startswith("python -m local: ")


def test_a_port_in_use_is_one_line() -> None:
    """So is it with a port that somebody else has."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, output, errors = _run("--once", "--port", str(port))
    assert (status, output, errors.count("\n")) == (2, "", 1)
    assert f"port {port} of 127.0.0.1 is in use" in errors


def test_env_prints_settings_for_func_start() -> None:
    """The JSON is the content of local.settings.json, leads to the simulated services and keeps the user's choices."""
    status, output, _ = _run("--env", "--once", ARR_CREDENTIAL="managed-identity")
    settings = json.loads(output[output.index("{") : output.index("\n}") + 2])
    assert status == 0
    assert settings["Values"]["ARR_STS_URL"].startswith("https://127.0.0.1:")
    assert settings["Values"]["ARR_CREDENTIAL"] == "managed-identity"
    assert "export KEY_VAULT_URL='https://127.0.0.1:" in output
    assert "$env:KEY_VAULT_URL = 'https://127.0.0.1:" in output


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send to another process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stays_until_stopped_and_leaves_nothing_behind(number: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C and SIGTERM end it with status 0; the port is free and the temporary directory is empty."""
    with _start("--port", "0", TMPDIR=str(tmp_path)) as process:
        assert process.stdout
        address = ""
        for line in process.stdout:
            address = address or "".join(re.findall(r"http://localhost:\d+", line))
            if "Ctrl-C" in line:
                break
        assert requests.get(f"{address}/local/calls", timeout=10).json()["sts"]["count"] == 1
        assert list(tmp_path.iterdir())
        process.send_signal(number)
        assert process.wait(20) == 0
        assert process.stderr
        assert not process.stderr.read()
    assert not list(tmp_path.iterdir())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), 5)
