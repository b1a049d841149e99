"""The local host's own responses, compared byte for byte with those of the Functions host, over a plain socket."""

import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from local.host.host import Host
from local.host.worker import Worker

type MakeApp = Callable[..., Path]

_KEY = b"x-functions-key: k\r\n"
_WAITS = """
import azure.functions as func
from gate_of_echo import begun, go

async def main(req: func.HttpRequest) -> func.HttpResponse:
    begun.release()
    await go.wait()
    return func.HttpResponse("x")
"""


class Response(NamedTuple):
    """The names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body of the echo function, which comes in one chunk."""
        return json.loads(self.body.split(b"\r\n")[1])


class Client:
    def __init__(self, server: BaseTestServer) -> None:
        self._server = server

    async def send(self, target: str, fields: bytes = _KEY, *, method: str = "GET", body: bytes = b"") -> Response:
        """Send exactly these bytes, and read to the end of the connection."""
        reader, writer = await asyncio.open_connection(self._server.host, self._server.port)
        head = f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".encode()
        writer.write(head + fields + b"\r\n" + body)
        head, _, content = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        status, *lines = head.decode().split("\r\n")
        pairs = (line.split(": ", 1) for line in lines)
        return Response(int(status.split()[1]), {name.lower(): value for name, value in pairs}, content)


@pytest.fixture
async def client(make_app: MakeApp) -> AsyncIterator[Client]:
    """Call a host whose function returns the request; the function key is `k`."""
    worker = Worker(make_app())
    await worker.load()
    async with TestServer(Host(worker, "k").application()) as server:
        yield Client(server)


@pytest.mark.parametrize(
    ("method", "target", "fields", "status"),
    [
        ("GET", "/api/Echo", b"", 401),
        ("GET", "/api/Echo?code=K", b"", 401),
        ("GET", "/api/Echo?code=k", b"x-functions-key:\r\n", 401),
        ("GET", "/api/Echo?code=k&CODE=k", b"", 401),
        ("GET", "/admin/host/status", _KEY, 401),
        ("GET", "/runtime/webhooks/x", _KEY, 401),
        ("GET", "/api/Other", _KEY, 404),
        ("GET", "/api%2FEcho", _KEY, 404),
        *(((method, "/api/Echo", fields, 404)) for method in ("HEAD", "OPTIONS", "POST") for fields in (b"", _KEY)),
        ("GET", "/admin/host/ping", b"", 200),
    ],
)
async def test_own_responses(client: Client, method: str, target: str, fields: bytes, status: int) -> None:
    """The host's own 401 and 404 have no body, and have the headers of host.json."""
    response = await client.send(target, fields, method=method)
    assert (response.status, response.body) == (status, b"")
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("target", ["/api/Echo?CODE=k", "/api/./Echo?code=k", "/x/%2e%2E/api/%45cho/?code=k"])
async def test_the_function_is_found(client: Client, target: str) -> None:
    """The function is called whatever the case of `code`, and with an encoded path or dot segments."""
    assert (await client.send(target, b"")).status == 200


async def test_the_homepage_is_the_platforms(client: Client) -> None:
    """A browser gets the platform's page at `/`."""
    response = await client.send("/", b"")
    assert (response.status, b"up and running" in response.body) == (200, True)


async def test_the_homepage_can_be_another(make_app: MakeApp) -> None:
    """A given route for `/` replaces the host's own."""

    async def own(_: web.Request) -> web.Response:
        return web.Response(text="ours")

    async with TestServer(Host(Worker(make_app())).application([web.get("/", own)])) as server:
        assert (await Client(server).send("/")).body == b"ours"


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("minValidity=&minValidity=5", {"minValidity": "5"}),
        ("minValidity=5&MINVALIDITY=6", {"MINVALIDITY": "5,6"}),
        ("a=1&a=2&b=", {"a": "1,2"}),
    ],
)
async def test_repeated_names_are_joined(client: Client, query: str, seen: dict[str, str]) -> None:
    """The function gets repeated parameters joined under the last spelling, without the empty ones."""
    fields = _KEY + b"Cache-Control: no-cache\r\nCache-Control:\r\ncache-control: max-age=0\r\n"
    request = (await client.send(f"/api/Echo?{query}", fields)).json
    assert request["params"] == seen
    assert request["headers"]["cache-control"] == "no-cache,max-age=0"
    assert request["url"].endswith(f"/api/Echo?{query}")


async def test_the_functions_body_is_chunked(client: Client) -> None:
    """The function's body is sent in chunks, without Content-Length."""
    headers = (await client.send("/api/Echo")).headers
    assert (headers.get("transfer-encoding"), headers.get("content-length")) == ("chunked", None)


async def test_a_large_body_is_read_and_ignored(client: Client) -> None:
    """A GET with a body of megabytes gets a normal response."""
    fields = _KEY + b"Content-Length: 3000000\r\n"
    assert (await client.send("/api/Echo", fields, body=bytes(3_000_000))).status == 200


@pytest.mark.parametrize(
    ("target", "fields", "status"),
    [
        ("/api/Echo?a=" + "x" * 8_100, _KEY, 200),
        ("/api/Echo?a=" + "x" * 9_000, _KEY, 414),
        ("/api/Echo", _KEY + b"a: b\r\n" * 97, 200),
        ("/api/Echo", _KEY + b"a: b\r\n" * 98, 431),
        ("/api/Echo", _KEY + b"a: " + b"x" * 30_000 + b"\r\n", 200),
        ("/api/Echo", _KEY + b"a: " + b"x" * 40_000 + b"\r\n", 431),
        ("/api/Echo", _KEY + "a: ä\r\n".encode(), 200),
        ("/api/Echo", _KEY + "a: ä\r\n".encode("latin-1"), 400),
    ],
)
async def test_the_web_servers_limits(client: Client, target: str, fields: bytes, status: int) -> None:
    """The web server refuses a long URL, too many or too large headers, and text that is not UTF-8."""
    response = await client.send(target, fields)
    assert response.status == status
    assert status == 200 or response.body == b""


@pytest.mark.parametrize(
    ("principal", "status"),
    [
        (base64.b64encode(b'{"claims": []}'), 200),
        (base64.b64encode(b'{"claims": []}').rstrip(b"="), 500),
        (base64.b64encode(b"[]"), 500),
        (base64.b64encode(b"["), 500),
        (base64.b64encode(b"[" * 20_000), 500),
        (b"not base64", 500),
    ],
)
async def test_a_malformed_principal(
    client: Client, monkeypatch: pytest.MonkeyPatch, principal: bytes, status: int
) -> None:
    """While App Service signs users in, a principal that the host can't parse never reaches the function."""
    fields = _KEY + b"X-MS-CLIENT-PRINCIPAL: " + principal + b"\r\n"
    monkeypatch.delenv("WEBSITE_AUTH_ENABLED", raising=False)
    assert (await client.send("/api/Echo", fields)).status == 200
    monkeypatch.setenv("WEBSITE_AUTH_ENABLED", "True")
    response = await client.send("/api/Echo", fields)
    assert response.status == status
    assert response.headers["x-content-type-options"] == "nosniff"
    assert status == 200 or response.body == b""


async def test_more_requests_than_outstanding_are_throttled(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond maxOutstandingRequests a request gets 429; after a response the next one is accepted."""
    gate = SimpleNamespace(begun=asyncio.Semaphore(0), go=asyncio.Event())
    monkeypatch.setitem(sys.modules, "gate_of_echo", gate)
    http = {"maxOutstandingRequests": 2, "customHeaders": {"X-Content-Type-Options": "nosniff"}}
    worker = Worker(make_app(_WAITS, host={"version": "2.0", "extensions": {"http": http}}))
    await worker.load()
    async with TestServer(Host(worker).application()) as server, asyncio.TaskGroup() as tasks:
        client = Client(server)
        waiting = [tasks.create_task(client.send("/api/Echo")) for _ in range(2)]
        for _ in waiting:
            await gate.begun.acquire()
        asyncio.get_running_loop().call_later(10, gate.go.set)  # a wrongly accepted request must not wait for ever
        throttled = await client.send("/api/Echo")
        assert (throttled.status, throttled.body) == (429, b"")
        assert throttled.headers["x-function-scaleout"] == "1"
        assert "x-content-type-options" not in throttled.headers
        gate.go.set()
        assert [(await request).status for request in waiting] == [200, 200]
        assert (await client.send("/api/Echo")).status == 200
