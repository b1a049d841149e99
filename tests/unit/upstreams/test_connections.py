"""Abort, the addresses of a name, and closed connections."""

import socket
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from shared.errors import StsUnavailable, UpstreamTimeout
from tests.unit.upstreams.harness import ExchangeHarness, failure_of, open_connections
from tests.unit.upstreams.server import (
    SOON_S,
    UNFINISHED_TLS_RECORD,
    Server,
    SilentAddress,
    http_response,
    resolve,
    trusted,
)

_ADDRESS_LIMIT_S = 0.2
_BEGUN = [
    pytest.param(b"", id="nothing yet"),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", id="within the headers"),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", id="within the body"),
    pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", id="within a chunk"),
]


@pytest.fixture
def _short_address_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.upstreams.transport.ADDRESS_LIMIT_S", _ADDRESS_LIMIT_S)


def _ends_soon(harness: ExchangeHarness, url: str) -> None:
    began = time.monotonic()
    assert isinstance(failure_of(lambda: harness.get(url)), StsUnavailable)
    assert time.monotonic() - began < SOON_S


@pytest.mark.parametrize("begun", _BEGUN)
@pytest.mark.parametrize("trickles", [False, True], ids=["hanging", "trickling"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_abort_ends_a_call(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, begun: bytes, trickles: bool, tls: bool
) -> None:
    """However slow a server is, the thread that waits for it is free at once and does not retry."""

    def stretch(connected: socket.socket) -> None:
        connected.sendall(begun)
        harness.exchange.abort()
        (server.trickle if trickles else server.hang)(connected)

    context = trusted(monkeypatch, tmp_path) if tls else None
    with Server(stretch, context=context) as server, ExchangeHarness() as harness:
        _ends_soon(harness, server.url)
        assert server.connections == 1


def test_abort_ends_a_tcp_connect() -> None:
    """An address that drops packets keeps no thread after the exchange's deadline."""
    with SilentAddress() as silent, ExchangeHarness() as harness:
        threading.Timer(0.1, harness.exchange.abort).start()
        _ends_soon(harness, f"http://{silent.address}")


@pytest.mark.parametrize("trickles", [False, True], ids=["hanging", "trickling"])
def test_abort_ends_a_tls_handshake(trickles: bool) -> None:
    """A server that never finishes the handshake keeps no thread after the exchange's deadline."""

    def greet(connected: socket.socket) -> None:
        connected.recv(1)  # the handshake has begun
        connected.sendall(UNFINISHED_TLS_RECORD)
        harness.exchange.abort()
        (server.trickle if trickles else server.hang)(connected)

    with Server(greet=greet) as server, ExchangeHarness() as harness:
        _ends_soon(harness, server.https_url)


def test_no_connection_after_an_abort() -> None:
    """A thread that was busy elsewhere when its exchange was aborted reaches no server, nor the next address."""
    with Server(http_response()) as server, ExchangeHarness() as harness:
        transport = harness.transport()
        assert transport.session.get(server.url).status_code == 200
        harness.exchange.abort()
        harness.exchange.abort()
        for session in (transport.session, harness.transport().session):
            assert isinstance(failure_of(partial(session.get, server.url)), StsUnavailable)
        assert len(server.requests) == server.connections == 1


def test_no_connection_if_the_abort_came_first() -> None:
    """An exchange that was aborted before its thread began to call calls no server."""
    harness = ExchangeHarness()
    harness.exchange.abort()
    with Server(http_response()) as server, ExchangeHarness() as late:
        harness.exchange.on_abort(late.connections.abort)
        failure_of(lambda: late.get(server.url))
        assert server.connections == 0


def test_an_abort_leaves_other_exchanges_alone() -> None:
    """The next exchange is not affected by the end of the one before."""
    with Server(http_response()) as server, ExchangeHarness() as aborted, ExchangeHarness() as harness:
        transport = harness.transport()
        for session in (transport.session, aborted.transport().session):
            session.get(server.url)
        aborted.exchange.abort()
        assert transport.session.get(server.url).status_code == 200
        assert server.connections == 2


@pytest.mark.usefixtures("_short_address_limit")
def test_an_address_that_drops_packets_is_followed_by_the_next(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A name with one dead address of two works in one attempt, after the time limit of an address."""
    context = trusted(monkeypatch, tmp_path)
    with SilentAddress() as silent, Server(http_response(), context=context) as server, ExchangeHarness() as harness:
        resolve(monkeypatch, silent.address, server.address)
        began = time.monotonic()
        assert harness.get("https://localhost/").status_code == 200
        assert _ADDRESS_LIMIT_S <= time.monotonic() - began < SOON_S
        assert len(server.requests) == 1


@pytest.mark.usefixtures("_short_address_limit")
@pytest.mark.parametrize("greeting", ["hang", "trickle", "refuse", "no TLS"])
def test_an_address_without_tls_is_followed_by_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, greeting: str
) -> None:
    """An address that never completes its handshake does not hide the one that works."""

    def greet(connected: socket.socket) -> None:
        if greeting == "trickle":
            connected.sendall(UNFINISHED_TLS_RECORD)
            broken.trickle(connected)
        elif greeting == "no TLS":
            connected.sendall(b"HTTP/1.1 400 No\r\n\r\n")
        elif greeting == "hang":
            broken.hang(connected)

    context = trusted(monkeypatch, tmp_path)
    with (
        Server(greet=greet) as broken,
        Server(http_response(), context=context) as server,
        ExchangeHarness() as harness,
    ):
        resolve(monkeypatch, broken.address, server.address)
        began = time.monotonic()
        assert harness.get("https://localhost/").status_code == 200
        assert time.monotonic() - began < SOON_S
        assert len(server.requests) == 1


@pytest.mark.usefixtures("_short_address_limit")
def test_if_no_address_responds_it_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller gets a time-out, also if another address refused, and there is no retry."""
    with SilentAddress() as silent, ExchangeHarness() as harness:
        resolve(monkeypatch, "127.0.0.1:1", silent.address, "127.0.0.1:1")
        began = time.monotonic()
        assert isinstance(failure_of(lambda: harness.get("https://localhost/")), UpstreamTimeout)
        assert time.monotonic() - began < 2 * _ADDRESS_LIMIT_S


@pytest.mark.parametrize("addresses", [(), ("127.0.0.1:1", "127.0.0.1:1")], ids=["none", "both refuse"])
def test_a_name_that_leads_nowhere_is_an_outage(monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]) -> None:
    """A caller learns that the upstream is unavailable, and an operator that the connection failed."""
    resolve(monkeypatch, *addresses)
    with ExchangeHarness() as harness:
        failure = failure_of(lambda: harness.get("http://localhost/"))
    assert (type(failure), failure.kind) == (StsUnavailable, "connection")


@pytest.mark.parametrize("greeting", [b"", UNFINISHED_TLS_RECORD], ids=["hanging", "trickling"])
def test_a_tls_handshake_ends_at_the_deadline(greeting: bytes) -> None:
    """A handshake that never ends takes no longer than the time limit of an address."""

    def greet(connected: socket.socket) -> None:
        connected.sendall(greeting)
        (server.trickle if greeting else server.hang)(connected)

    with Server(greet=greet) as server, ExchangeHarness(limit_s=0.3) as harness:
        began = time.monotonic()
        assert isinstance(failure_of(lambda: harness.get(server.https_url)), UpstreamTimeout)
        assert 0.25 < time.monotonic() - began < SOON_S


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(http_response(), id="a response"),
        pytest.param(http_response(400, b"x" * 70_000), id="a body that is not read"),
        pytest.param(http_response(200, b"x" * 70_000), id="a body that is too large"),
        pytest.param(http_response(401, b"x" * 10), id="a body that is drained"),
        pytest.param(b"rubbish\r\n\r\n", id="no HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1", id="half a response"),
    ],
)
def test_no_connection_stays_open(sent: bytes) -> None:
    """After any response, an exchange that has ended leaves no socket open."""
    failures: list[Exception] = []
    with Server(sent) as server:
        with ExchangeHarness(limit_s=0.3) as harness:
            for transport in (harness.transport(), harness.transport()):
                try:
                    transport.session.get(server.url)
                except Exception as error:  # noqa: BLE001  # its frames keep their objects alive
                    failures.append(error)
        assert server.connections
        assert open_connections(server.url) == []
