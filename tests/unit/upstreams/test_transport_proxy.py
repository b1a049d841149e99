"""Calls on a machine with a proxy."""

import os
import select
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
import requests

from shared.clock import system_clock
from shared.errors import Misconfigured, StsUnavailable, UpstreamTimeout
from shared.tokens.exchange import MAX_THREADS, Exchange, run_in_thread
from shared.tokens.issued_token import IssuedToken
from tests.unit.upstreams.harness import ExchangeHarness, failure_of, open_connections
from tests.unit.upstreams.server import (
    PATIENCE_S,
    SOON_S,
    UNFINISHED_TLS_RECORD,
    Server,
    SilentAddress,
    http_response,
    trusted,
)

_SCHEMES = pytest.mark.parametrize("scheme", ["http", "https"])


@pytest.fixture(autouse=True)
def _no_other_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


class Proxy(Server):
    """Opens tunnels, over TLS if it has a context."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(self._tunnel, context=context)

    def _tunnel(self, client: socket.socket) -> None:
        host, _, port = self.requests[-1].split()[1].partition(":")
        with socket.create_connection((host, int(port))) as target:
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            while True:
                pending = isinstance(client, ssl.SSLSocket) and client.pending()
                ready = [client] if pending else select.select([client, target], [], [])[0]
                source = ready[0]
                received = source.recv(65_536)
                if not received:
                    return
                (target if source is client else client).sendall(received)


def _proxy(scheme: str, context: ssl.SSLContext) -> Proxy:
    return Proxy(context if scheme == "https" else None)


def test_the_identity_endpoint_is_called_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret header goes to the host itself, while other calls use the proxy."""
    with (
        Server(http_response(200, b"proxy")) as proxy,
        Server(http_response(200, b"server")) as server,
        ExchangeHarness() as harness,
    ):
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        assert requests.get(server.url, timeout=5).content == b"proxy"
        assert harness.get(server.url).content == b"proxy"
        assert harness.transport(direct=True).session.get(server.url).content == b"server"
        assert (len(proxy.requests), len(server.requests)) == (2, 1)


@_SCHEMES
def test_a_key_passes_a_proxy_within_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str) -> None:
    """The proxy learns only the address; an https proxy may have a private CA."""
    context = trusted(monkeypatch, tmp_path)
    with _proxy(scheme, context) as proxy, Server(http_response(), context=context) as server:
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://{proxy.address}")
        with ExchangeHarness() as harness:
            session = harness.transport().session
            for _ in range(2):
                assert session.get(server.url, headers={"Authorization": "hunter2"}).status_code == 200
        assert len(proxy.requests) == 1
        assert "hunter2" not in proxy.requests[0]
        assert all("hunter2" in request for request in server.requests)
        assert open_connections(proxy.url) == []


def test_a_proxy_that_is_not_trusted_gets_no_call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An https proxy with an untrusted certificate gets no request."""
    context = trusted(monkeypatch, tmp_path)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with Proxy(context) as proxy, ExchangeHarness() as harness:
        monkeypatch.setenv("HTTPS_PROXY", f"https://{proxy.address}")
        assert isinstance(failure_of(lambda: harness.get("https://127.0.0.1:1/")), StsUnavailable)
        assert proxy.requests == []


@_SCHEMES
@pytest.mark.parametrize("trickles", [False, True], ids=["hanging", "trickling"])
def test_abort_ends_a_call_behind_a_proxy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str, trickles: bool
) -> None:
    """The thread is free at once, so another exchange can run."""
    context = trusted(monkeypatch, tmp_path)
    reached = threading.Event()

    def stretch(connected: socket.socket) -> None:
        connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
        reached.set()
        (server.trickle if trickles else server.hang)(connected)

    def run(exchange: Exchange) -> IssuedToken:
        with ExchangeHarness() as harness:
            exchange.on_abort(harness.connections.abort)
            harness.get(server.url)
        raise AssertionError

    with _proxy(scheme, context) as proxy, Server(stretch, context=context) as server:
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://{proxy.address}")
        exchange = Exchange("request", PATIENCE_S, system_clock)
        before = set(threading.enumerate())
        run_in_thread(exchange, run=run, slots=threading.BoundedSemaphore(MAX_THREADS))
        started = {thread for thread in set(threading.enumerate()) - before if thread.name == "arr-token-exchange"}
        assert reached.wait(PATIENCE_S)
        exchange.abort()
        for thread in started:
            thread.join(SOON_S)
            assert not thread.is_alive()
    assert isinstance(exchange.result.result(), UpstreamTimeout)


@_SCHEMES
@pytest.mark.parametrize("trickles", [False, True], ids=["hanging", "trickling"])
def test_abort_ends_a_slow_connect_response(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str, trickles: bool
) -> None:
    """A slow response to CONNECT ends at once, like any slow response."""

    def stretch(connected: socket.socket) -> None:
        harness.exchange.abort()
        (proxy.trickle if trickles else proxy.hang)(connected)

    context = trusted(monkeypatch, tmp_path)
    with Server(stretch, context=context if scheme == "https" else None) as proxy, ExchangeHarness() as harness:
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://{proxy.address}")
        began = time.monotonic()
        assert isinstance(failure_of(lambda: harness.get("https://127.0.0.1:1/")), StsUnavailable)
        assert time.monotonic() - began < SOON_S
        assert len(proxy.requests) == 1


@pytest.mark.parametrize("where", ["https proxy", "behind an http proxy", "behind an https proxy"])
@pytest.mark.parametrize("trickles", [False, True], ids=["hanging", "trickling"])
def test_abort_ends_a_tls_handshake_on_the_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str, trickles: bool
) -> None:
    """An endless handshake with the proxy, or with the service behind it, keeps no thread."""

    def greet(connected: socket.socket) -> None:
        connected.sendall(UNFINISHED_TLS_RECORD)
        threading.Timer(0.1, harness.exchange.abort).start()
        (server.trickle if trickles else server.hang)(connected)

    context = trusted(monkeypatch, tmp_path)
    scheme = "https" if "https" in where else "http"
    with Server(greet=greet) as server, _proxy(scheme, context) as proxy, ExchangeHarness() as harness:
        address = proxy.address if "behind" in where else server.address
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme if 'behind' in where else 'https'}://{address}")
        began = time.monotonic()
        assert isinstance(failure_of(lambda: harness.get(server.https_url)), StsUnavailable)
        assert time.monotonic() - began < SOON_S


def test_abort_ends_a_connect_to_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy's address that drops packets keeps the thread no longer than the time limit of an address."""
    monkeypatch.setattr("shared.upstreams.transport.ADDRESS_LIMIT_S", 0.3)
    with SilentAddress() as proxy, ExchangeHarness() as harness:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        threading.Timer(0.1, harness.exchange.abort).start()
        began = time.monotonic()
        failure_of(lambda: harness.get("https://127.0.0.1:1/"))
        assert time.monotonic() - began < SOON_S


def test_no_connection_to_a_proxy_after_an_abort(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exchange that has ended requests no tunnel."""
    with Server(http_response()) as proxy, ExchangeHarness() as harness:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        harness.exchange.abort()
        failure_of(lambda: harness.get("https://127.0.0.1:1/"))
        requests.get(proxy.url, timeout=5)  # an earlier connection would have been accepted before this one
        assert proxy.connections == 1


@_SCHEMES
@pytest.mark.parametrize(
    ("refused", "kind"),
    [
        pytest.param(http_response(403), "proxy", id="403"),
        pytest.param(http_response(503), "proxy", id="503"),
        pytest.param(b"", "connection", id="dropped"),
        pytest.param(b"hunter2\r\n\r\n", "connection", id="no HTTP"),
    ],
)
def test_a_proxy_that_refuses_is_a_connection_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str, refused: bytes, kind: str
) -> None:
    """The call is retried, and the error has neither the proxy's user nor its password."""
    context = trusted(monkeypatch, tmp_path)
    with Server(refused, context=context if scheme == "https" else None) as proxy, ExchangeHarness() as harness:
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://hunter2:hunter2@{proxy.address}")
        failure = failure_of(lambda: harness.get("https://127.0.0.1:1/"))
        assert len(proxy.requests) == 3
    assert (type(failure), failure.kind, failure.upstream_status) == (StsUnavailable, kind, None)


@_SCHEMES
def test_a_proxy_that_demands_a_sign_in_is_a_misconfiguration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str
) -> None:
    """An operator learns from a 407 which variable to correct, and there is no retry."""
    context = trusted(monkeypatch, tmp_path)
    with (
        Server(http_response(407), context=context if scheme == "https" else None) as proxy,
        ExchangeHarness() as harness,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://hunter2:hunter2@{proxy.address}")
        failure = failure_of(lambda: harness.get("https://127.0.0.1:1/"))
        assert len(proxy.requests) == 1
    assert isinstance(failure, Misconfigured)
    assert failure.upstream == "test"
    assert failure.violations == ("HTTPS_PROXY must be the address of a proxy that needs no sign-in, or not set",)


def test_a_407_that_is_no_proxys_is_an_upstreams_status() -> None:
    """Without a proxy, a 407 blames no variable."""
    with Server(http_response(407)) as server, ExchangeHarness() as harness:
        assert failure_of(lambda: harness.get(server.url)).upstream_status == 407


def test_a_proxy_that_hangs_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for a tunnel ends at the exchange's deadline, without a retry."""
    with Server(http_response()) as proxy, ExchangeHarness(limit_s=0.2) as harness:
        proxy.then(proxy.hang)
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        began = time.monotonic()
        assert isinstance(failure_of(lambda: harness.get("https://127.0.0.1:1/")), UpstreamTimeout)
        assert time.monotonic() - began < SOON_S
        assert len(proxy.requests) == 1


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    "value", ["hunter2://127.0.0.1:1", "http://", "socks5://hunter2:1", "http://127.0.0.1:hunter2", "http://[hunter2"]
)
def test_a_proxy_variable_that_is_no_address_is_a_misconfiguration(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """An operator learns which variable to correct, and never sees its value."""
    monkeypatch.setenv(name, value)
    with ExchangeHarness() as harness:
        failure = failure_of(lambda: harness.get("https://127.0.0.1:1/"))
    assert isinstance(failure, Misconfigured)
    assert failure.upstream == "test"
    (violation,) = failure.violations
    assert violation == f"{name.upper()} must be the address of an http or https proxy, or not set"
