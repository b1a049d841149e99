"""infra/probe.sh and infra/probe.ps1: their output for a working, a failing and an unprotected function."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

import pytest
import requests

from tests.infra.deployments import INFRA
from tests.unity.stack import FUNCTION_KEY, local_stack

PWSH = shutil.which("pwsh")
SHELLS = {"sh": ["sh", str(INFRA / "probe.sh")], "pwsh": [PWSH or "", "-NoProfile", "-File", str(INFRA / "probe.ps1")]}
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="no sh"),
    pytest.mark.parametrize(
        "shell",
        [
            pytest.param("sh", marks=pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")),
            pytest.param("pwsh", marks=pytest.mark.skipif(PWSH is None, reason="no PowerShell")),
        ],
    ),
]
KEY, ENTRA_TOKEN = FUNCTION_KEY, "made-up-entra-token"
TOKEN = {"AccessToken": "ey.J.x", "MsCv": "gKXl1CkeG0mRb6HEtMUmHQ.0", "ExpiresIn": 85140}
MS_CV = {"MS-CV": TOKEN["MsCv"]}
type Response = tuple[int, dict[str, Any], dict[str, Any]]
REFUSED: Response = (401, {}, {})


def _probe(shell: str, origin: str, **environment: str) -> tuple[int, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    given = {"GET_ARR_TOKEN_URL": f"{origin}/api/GetArrToken", "FUNCTION_KEY": KEY} | environment
    ended = subprocess.run(  # noqa: S603  # our own script
        SHELLS[shell], env=inherited | given, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stderr == ""
    assert ended.stdout.count("\n") == 1
    return ended.returncode, ended.stdout.strip()


class _App:
    """Simulates App Service and the function: one response without sign-in, one for /admin, one with sign-in."""

    def __init__(self, stranger: Response, signed_in: Response = REFUSED, admin: Response = REFUSED) -> None:
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if "admin" in self.path:
                    response = admin
                elif self.headers["x-functions-key"] != KEY:
                    response = REFUSED
                else:
                    response = signed_in if self.headers["Authorization"] == f"Bearer {ENTRA_TOKEN}" else stranger
                if "X-MS-CLIENT-PRINCIPAL" in self.headers:
                    app.principals.append(json.loads(base64.b64decode(self.headers["X-MS-CLIENT-PRINCIPAL"])))
                status, headers, body = response
                payload = json.dumps(body).encode() if body else b""
                self.send_response(status)
                for name, value in ({"Content-Length": len(payload)} | headers).items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *_: Any) -> None:
                pass

        self.principals: list[dict[str, Any]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def test_an_app_that_enforces_sign_in_and_gives_a_token(shell: str) -> None:
    """The probe succeeds; its line has the token's lifetime and MS-CV, and not the token."""
    with _App(REFUSED, (200, MS_CV, TOKEN)) as app:
        assert _probe(shell, app.origin, ENTRA_TOKEN=ENTRA_TOKEN) == (
            0,
            "probe: ok: a token with 85140 s left, MS-CV gKXl1CkeG0mRb6HEtMUmHQ.0",
        )
    claims = [(claim["typ"].rpartition("/")[2], claim["val"]) for claim in app.principals[0]["claims"]]
    assert claims == [("roles", "ArrUser"), ("authlevel", "Admin")]


def test_without_an_entra_token_only_sign_in_is_tested(shell: str) -> None:
    """The release job, which has a key and no user, can still prove that sign-in is enforced."""
    with _App(REFUSED) as app:
        status, line = _probe(shell, app.origin)
    assert status == 0
    assert line.startswith("probe: ok: sign-in is enforced")


@pytest.mark.parametrize(
    ("stranger", "message"),
    [
        ((200, MS_CV, TOKEN), "a forged principal got a token. Stop the app"),
        ((401, {}, {"code": "unauthenticated"}), "(401 unauthenticated)"),
        ((403, {}, {"code": "forbidden"}), "(403 forbidden)"),
        ((500, {}, {"code": "misconfigured"}), "(500 misconfigured)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_sign_in_that_is_not_enforced_is_found(shell: str, stranger: Response, message: str) -> None:
    """A response of the function to a request without an Entra token means that sign-in is not enforced."""
    with _App(stranger, (200, MS_CV, TOKEN)) as app:
        status, line = _probe(shell, app.origin, ENTRA_TOKEN=ENTRA_TOKEN)
    assert status == 1
    assert line.startswith("probe: failed: sign-in is not enforced: ")
    assert message in line


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_a_platform_that_does_not_answer_is_no_breach(shell: str, status: int) -> None:
    """A stopped app or a host that does not start is reported as the platform's response."""
    with _App((status, {}, {})) as app:
        assert _probe(shell, app.origin)[1].startswith(f"probe: failed: {status} without a code: not the function's")


def test_without_a_function_key_nothing_is_proven(shell: str) -> None:
    """The probe requires a key, because the host's 401 looks like App Service's."""
    with _App((200, MS_CV, TOKEN)) as app:
        status, line = _probe(shell, app.origin, FUNCTION_KEY="")
    assert (status, line.startswith("probe: failed: FUNCTION_KEY is empty")) == (1, True)


def test_a_forged_administrator_is_found(shell: str) -> None:
    """A principal in the caller's own header that opens /admin/host/status is reported."""
    with _App(REFUSED, admin=(200, {}, {"state": "Running"})) as app:
        status, line = _probe(shell, app.origin)
    assert (status, "a forged principal opened /admin/host/status" in line) == (1, True)


@pytest.mark.parametrize(
    ("response", "message"),
    [
        ((401, {}, {}), "401 without a code: not the function's answer"),
        ((200, {}, TOKEN), "the MS-CV of the header and of the body differ"),
        ((200, {"MS-CV": "other.0"}, TOKEN), "the MS-CV of the header and of the body differ"),
        ((200, {}, TOKEN | {"MsCv": None}), "the MS-CV of the header and of the body differ"),
        ((200, MS_CV, TOKEN | {"ExpiresIn": None}), "no ExpiresIn"),
        ((200, MS_CV, TOKEN | {"ExpiresIn": 0}), "no life left"),
        ((200, MS_CV, {"MsCv": "x"}), "200 without an AccessToken"),
    ],
    ids=str,
)
def test_a_token_that_is_not_whole_fails(shell: str, response: Response, message: str) -> None:
    """A 200 or 401 that is not the function's own, or has no usable token, fails the probe."""
    with _App(REFUSED, response) as app:
        status, line = _probe(shell, app.origin, ENTRA_TOKEN=ENTRA_TOKEN)
    assert (status, line[:15]) == (1, "probe: failed: ")
    assert message in line


def test_an_app_that_is_not_there_fails(shell: str) -> None:
    """If nothing listens, the probe prints one line and no stack trace."""
    with _App(REFUSED) as app:
        pass
    status, line = _probe(shell, app.origin)
    assert status == 1
    assert line.startswith("probe: failed: no response: ")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The function in the local stack, without App Service in front."""
    with local_stack(tmp_path_factory.mktemp("probe") / "log") as origin:
        yield origin


def test_a_function_without_a_platform_in_front_is_found(shell: str, stack: str) -> None:
    """The probe reports a function that the function key alone opens."""
    status, line = _probe(shell, stack)
    assert (status, "a forged principal got a token" in line) == (1, True)


def test_the_function_passes(shell: str, stack: str) -> None:
    """The function's real response passes each check of the probe."""
    requests.post(f"{stack}/local/reset", timeout=10)
    status, line = _probe(shell, stack, SIGN_IN="false")
    assert (status, line[:18]) == (0, "probe: ok: a token")


def test_a_fault_of_the_sts_is_reported_by_its_code(shell: str, stack: str) -> None:
    """The line has the code, the request's id and the detail, which lead to the cause."""
    requests.put(f"{stack}/local/faults/sts", json={"status": 401}, timeout=10)
    requests.post(f"{stack}/local/restart", timeout=60)
    status, line = _probe(shell, stack, SIGN_IN="false")
    requests.post(f"{stack}/local/reset", timeout=10)
    requests.post(f"{stack}/local/restart", timeout=60)
    assert status == 1
    assert re.match(r"probe: failed: 502 account-key-rejected \(request \S+\): \S", line)
