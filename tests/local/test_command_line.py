import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from local import environment
from local.options import parse
from local.report import print_lan
from tests.environment import without_ours

_ROOT = Path(__file__).parents[2]
_ANSI = "\033["


def _start(*arguments: str, python: str = "-B", **settings: str) -> subprocess.Popen[str]:
    """Run the stack in a process of its own, with no other settings than these."""
    inherited = without_ours(os.environ)
    return subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, python, "-m", "local", *arguments],
        cwd=_ROOT,
        env=inherited | {"PYTHONUNBUFFERED": "1"} | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _run(*arguments: str, python: str = "-B", **settings: str) -> tuple[int, str, str]:
    with _start(*arguments, python=python, **settings) as process:
        output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors


@contextmanager
def _started(*arguments: str, **settings: str) -> Iterator[str]:
    """Yield the output up to the moment when it waits for Ctrl-C, then end it."""
    with _start(*arguments, "--port", "0", **settings) as process:
        assert process.stdout
        text = ""
        for line in process.stdout:
            text += line
            if "Ctrl-C ends everything" in line:
                break
        try:
            yield text
        finally:
            process.terminate()
            process.wait(20)


def test_once_shows_the_token_and_the_upstream_calls() -> None:
    """A user sees the status, the token and the four upstream calls; the exit status is 0."""
    status, output, errors = _run("--once", "--port", "0", "--key")
    assert (status, errors) == (0, "")
    assert "HTTP 200" in output
    assert re.search(r"Token eyJ\S{37}\.\.\. \(11\d\d characters\), valid for 24\.00 h, MS-CV \S{22}\.0\n", output)
    calls = re.findall(r"^  \+\S+ s  (\S+) +GET \S+ +(\d+)", output, re.MULTILINE)
    assert sorted(calls) == [("identity", "200"), ("key-vault", "200"), ("key-vault", "401"), ("sts", "200")]
    assert "token-request" not in output


def test_verbose_shows_headers_claims_and_log() -> None:
    """With --verbose a user also sees the headers, the claims and the log lines."""
    _, output, _ = _run("--once", "--port", "0", "--verbose")
    assert re.search(r"\n  x-ms-request-id: \S{36}\n", output)
    assert re.search(r"\n  iss +\"https:", output)
    assert "[log] INFO arr_token: token-request outcome=ok" in output


def test_the_start_fits_on_one_screen() -> None:
    """A terminal of 24 lines shows the response, the page's address and the commands, without colour codes."""
    with _started() as text:
        assert text.count("\n") <= 24
        assert _ANSI not in text
        assert re.search(r"in a browser: http://localhost:\d+/\n", text)
        assert len(re.findall(r"^ +(?:call it|break it|mend it)", text, re.MULTILINE)) == 3


def test_the_printed_commands_break_it_and_mend_it() -> None:
    """With the printed commands a user sees the cached token in an outage, then the problem, then its end."""
    with _started() as text:
        (call, fault, restart, reset) = re.findall(r'curl(?:\.exe)? (?:-i|-X (?:PUT|POST)) "(\S+)"', text)
        assert requests.put(fault, timeout=10).text == (
            "sts now answers 503. A token is cached: POST /local/restart drops it.\n"
        )
        assert requests.get(call, timeout=10).status_code == 200
        assert "without a cached token" in requests.post(restart, timeout=10).text
        assert requests.get(call, timeout=10).json()["code"] == "sts-unavailable"
        assert requests.get(call, timeout=10).headers["Retry-After"]
        requests.post(reset, timeout=10)
        assert requests.get(call, timeout=10).status_code == 200


def test_clearing_a_fault_reports_the_cool_down() -> None:
    """The response says why the next call still fails, and how to end the cool-down."""
    with _started() as text:
        origin = re.findall(r"http://localhost:\d+", text)[0]
        fault = '{"status": 503, "headers": {"Retry-After": "60"}}'
        requests.put(f"{origin}/local/faults/sts", data=fault, timeout=10)
        requests.post(f"{origin}/local/restart", timeout=10)
        assert requests.get(f"{origin}/api/GetArrToken", timeout=20).status_code == 503
        response = requests.delete(f"{origin}/local/faults/sts", timeout=10).text
        assert re.search(r"cool-down lasts another [56]\d s: POST /local/reset ends it\.", response)


def test_once_without_a_token_fails() -> None:
    """A user sees the problem with its detail; the exit status is 1, and the user's own settings are used."""
    status, output, _ = _run("--once", "--port", "0", ARR_MAX_WAIT_SECONDS="soon")
    assert status == 1
    assert "misconfigured: Correct these application settings: ARR_MAX_WAIT_SECONDS" in output


@pytest.mark.parametrize(
    "arguments",
    [["--bogus"], ["stray"], ["--port", "x"], ["--port", "65536"], ["--key", "a/b"], ["--host", "no.invalid"]],
)
def test_usage_errors_are_one_line(arguments: list[str]) -> None:
    """A wrong command line gives one line on stderr and exit status 2."""
    status, output, errors = _run(*arguments)
    assert (status, output, errors.count("\n")) == (2, "", 1)
    assert errors.startswith("python -m local: ")


def test_env_with_once_is_refused() -> None:
    """--env with --once is refused, because the printed addresses would not work afterwards."""
    status, output, errors = _run("--env", "--once")
    assert (status, output, errors.count("\n")) == (2, "", 1)
    assert "has to keep running" in errors


def test_a_port_in_use_is_one_line() -> None:
    """A port that another process uses gives one line and exit status 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, output, errors = _run("--once", "--port", str(port))
    assert (status, output, errors.count("\n")) == (2, "", 1)
    assert f"port {port} of 127.0.0.1 is in use" in errors


def test_missing_packages_are_named_with_what_installs_them() -> None:
    """A user without the packages sees the command that installs them."""
    status, output, errors = _run(python="-S")
    assert (status, output) == (2, "")
    assert "Traceback" not in errors
    assert "pip install -r requirements-local.txt" in errors


def test_help_names_the_settings() -> None:
    """The help has every setting of the function, with examples and the form for nox."""
    status, output, _ = _run("--help")
    assert status == 0
    led_elsewhere = {"KEY_VAULT_URL", "ARR_STS_URL"}
    assert {name for name in environment.known() - led_elsewhere if name not in output} == set()
    assert "python -m nox -s start -- --key" in output


def test_settings_that_do_nothing_are_named() -> None:
    """A misspelt setting, and one that the stack replaces, are named; the stack still starts."""
    settings = {"ARR_MAX_WAIT": "3", "ARR_STS_URL": "https://sts.example", "ARR_ACCOUNT_DOMAIN": "westus2"}
    status, output, _ = _run("--once", "--port", "0", **settings)
    assert status == 0
    assert re.search(r"Note: ARR_MAX_WAIT is no setting of the function: there are .*ARR_MAX_WAIT_SECONDS", output)
    assert "Note: ARR_STS_URL is not used here" in output
    assert output.count("Note: ") == 2


def test_env_prints_all_settings_for_func_start() -> None:
    """A user gets the content of local.settings.json, and the same settings as commands of each shell."""
    with _started("--env", ARR_CREDENTIAL="managed-identity") as text:
        values = json.loads(text[text.index("{") : text.index("\n}") + 2])["Values"]
        assert values.pop("AzureWebJobsStorage") == ""
        assert values["FUNCTIONS_WORKER_RUNTIME"] == "python"
        assert values["ARR_CREDENTIAL"] == "managed-identity"
        assert values["ARR_STS_URL"].startswith("https://127.0.0.1:")
        assert dict(re.findall(r"(?m)^export (\w+)='(.*)'$", text)) == values
        assert dict(re.findall(r"(?m)^\$env:(\w+) = '(.*)'$", text)) == values
        assert "pip install -r requirements.txt" in text
        assert "func start" in text
        assert "Note" not in text


def test_env_leaves_the_port_of_func_start_alone() -> None:
    """The switches use another port than 7071, which `func start` uses."""
    assert (parse([]).port, parse(["--env"]).port, parse(["--env", "--port", "7073"]).port) == (7071, 7072, 7073)


def test_env_names_what_the_shell_sets_otherwise() -> None:
    """A shell variable that overrides the file is named; otherwise the user would only see a TLS failure."""
    with _started("--env", REQUESTS_CA_BUNDLE="/etc/ssl/cert.pem", NO_PROXY="example.com") as text:
        noted = re.findall(r"Note: (\w+) is set in this shell", text)
        assert set(noted) == {"REQUESTS_CA_BUNDLE", "NO_PROXY"}


def test_the_addresses_for_the_lan_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """With 0.0.0.0, a user sees this machine's addresses as URLs, and a hint to the firewall."""
    with _started("--host", "0.0.0.0") as text:  # noqa: S104  # the test needs it
        assert "firewall" in text
        assert re.search(r"in a browser: http://localhost:\d+/\n", text)
        assert "http://[" not in text  # 0.0.0.0 is IPv4 only
    print_lan(["192.168.1.5", "2001:db8::7"], 7071, "/api/GetArrToken")
    output = capsys.readouterr().out
    assert "port 7071" in output
    assert re.findall(r"http\S+", output) == [
        "http://192.168.1.5:7071/api/GetArrToken",
        "http://[2001:db8::7]:7071/api/GetArrToken",
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize(("settings", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colour_where_the_terminal_has_it(settings: dict[str, str], coloured: bool) -> None:
    """A terminal gets colours, unless NO_COLOR or TERM=dumb disables them."""
    reader, writer = os.openpty()
    command = [sys.executable, "-m", "local", "--once", "--port", "0"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("ARR_", "COV", "NO_COLOR"))}
    with subprocess.Popen(command, cwd=_ROOT, env=environ | {"TERM": "xterm"} | settings, stdout=writer) as process:  # noqa: S603  # our own command
        assert process.wait(60) == 0
    os.close(writer)
    output = os.read(reader, 65536).decode()
    os.close(reader)
    assert "HTTP 200" in output
    assert (_ANSI in output) == coloured


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send to another process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stays_until_stopped_and_leaves_nothing_behind(number: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C and SIGTERM end it with status 0, even with a page open; the port is free, and no file is left."""
    with _start("--port", "0", TMPDIR=str(tmp_path)) as process:
        assert process.stdout
        address = ""
        for line in process.stdout:
            address = address or "".join(re.findall(r"http://localhost:\d+", line))
            if "Ctrl-C" in line:
                break
        assert requests.get(f"{address}/local/calls", timeout=10).json()["sts"]["count"] == 1
        assert list(tmp_path.iterdir())
        with requests.get(f"{address}/local/events", stream=True, timeout=10) as page:
            assert page.raw.read(6) == b"event:"
            process.send_signal(number)
            assert process.wait(20) == 0
        assert process.stderr
        assert not process.stderr.read()
    assert not list(tmp_path.iterdir())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), 5)
