"""Connections that are opened before the calls that use them."""

import socket
import threading
import time
from pathlib import Path

import pytest

from shared.errors import Misconfigured, StsUnavailable
from tests.unit.upstreams.harness import ExchangeHarness, failure_of, open_connections
from tests.unit.upstreams.server import (
    PATIENCE_S,
    SOON_S,
    UNFINISHED_TLS_RECORD,
    Server,
    SilentAddress,
    http_response,
    resolve,
    trusted,
)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_a_call_uses_the_early_connection(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The first call saves the time to connect, and the next call on that connection works as well."""
    context = trusted(monkeypatch, tmp_path)
    with Server(http_response(), context=context) as server, ExchangeHarness() as harness:
        harness.connections.open_early([server.url])
        session = harness.transport().session
        for _ in range(2):
            assert session.get(server.url).status_code == 200
        assert server.connections == 1
        assert harness.get(server.url).status_code == 200  # of another upstream at the same address
        assert server.connections == 2


@pytest.mark.parametrize("ending", [b"", b"hunter2"], ids=["closed", "rubbish"])
def test_an_early_connection_that_ended_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ending: bytes
) -> None:
    """The call opens its own connection without a retry, since a background refresh has none."""
    ended = threading.Event()

    def end(connected: socket.socket) -> None:
        if server.connections == 1:
            connected.sendall(ending)
            connected.shutdown(socket.SHUT_WR)
            ended.set()
        else:
            server.talk(connected)

    context = trusted(monkeypatch, tmp_path)
    with (
        Server(http_response(), context=context, after_handshake=end) as server,
        ExchangeHarness(trigger="refresh") as harness,
    ):
        harness.connections.open_early([server.url])
        assert ended.wait(PATIENCE_S)
        assert harness.get(server.url).status_code == 200
        assert server.connections == 2


@pytest.mark.parametrize("trickles", [False, True], ids=["hanging", "trickling"])
def test_an_early_connection_that_hangs_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trickles: bool
) -> None:
    """After a short time the call opens its own connection."""
    monkeypatch.setattr("shared.upstreams.connections._EARLY_LIMIT_S", 0.2)

    def greet(connected: socket.socket) -> None:
        connected.sendall(UNFINISHED_TLS_RECORD)
        (broken.trickle if trickles else broken.hang)(connected)

    context = trusted(monkeypatch, tmp_path)
    with (
        Server(greet=greet) as broken,
        Server(http_response(), context=context) as server,
        ExchangeHarness() as harness,
    ):
        resolve(monkeypatch, broken.address)
        began = time.monotonic()
        harness.connections.open_early(["https://localhost/"])
        assert time.monotonic() - began < SOON_S
        resolve(monkeypatch, server.address)
        assert harness.get("https://localhost/").status_code == 200


def test_early_connections_that_fail_are_no_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A refused, unresolved or untrusted early connection is reported only by the call itself."""
    with Server(http_response(), context=trusted(monkeypatch, tmp_path)) as server, ExchangeHarness() as harness:
        trusted(monkeypatch, tmp_path)  # another CA
        harness.connections.open_early(
            ["https://127.0.0.1:1/", "https://hunter2.invalid/", f"https://{'a' * 64}.invalid/", server.url]
        )
        assert failure_of(lambda: harness.get(server.url)).kind == "tls"


def test_unusable_cas_are_reported_by_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator gets the misconfiguration from the call, and the early connection reports nothing."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/hunter2.pem")
    with ExchangeHarness() as harness:
        harness.connections.open_early(["https://127.0.0.1:1/"])
        assert isinstance(failure_of(lambda: harness.get("https://127.0.0.1:1/")), Misconfigured)


def test_nothing_is_opened_early_behind_a_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With a proxy, no early connection is made to the proxy or past it."""
    context = trusted(monkeypatch, tmp_path)
    with (
        Server(http_response()) as proxy,
        Server(http_response(), context=context) as server,
        ExchangeHarness() as harness,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        harness.connections.open_early([server.url])
        assert open_connections(proxy.url, server.url) == []
        assert proxy.connections == server.connections == 0


def test_a_proxy_for_one_service_is_none_for_the_next(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The connection to a service in NO_PROXY is opened early, though the one before needs the proxy."""
    context = trusted(monkeypatch, tmp_path)
    with Server(http_response(), context=context) as server, ExchangeHarness() as harness:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        harness.connections.open_early(["https://hunter2.invalid/", server.url])
        assert len(open_connections(server.url)) == 1


def test_an_early_connection_that_no_call_used_is_closed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The exchange leaves no socket behind."""
    with Server(http_response(), context=trusted(monkeypatch, tmp_path)) as server:
        with ExchangeHarness() as harness:
            harness.connections.open_early([server.url])
            assert len(open_connections(server.url)) == 1
        assert open_connections(server.url) == []


def test_abort_shuts_an_early_connection(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """After an abort neither the early connection nor a new one is used."""
    with Server(http_response(), context=trusted(monkeypatch, tmp_path)) as server, ExchangeHarness() as harness:
        harness.connections.open_early([server.url])
        harness.exchange.abort()
        assert isinstance(failure_of(lambda: harness.get(server.url)), StsUnavailable)
        assert (server.connections, server.requests) == (1, [])


def test_abort_ends_opening_early() -> None:
    """An address that drops packets keeps no thread after the exchange's deadline."""
    with SilentAddress() as silent, ExchangeHarness() as harness:
        threading.Timer(0.1, harness.exchange.abort).start()
        began = time.monotonic()
        harness.connections.open_early([f"https://{silent.address}/"])
        assert time.monotonic() - began < SOON_S / 2
