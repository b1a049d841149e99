"""A body that is not needed, and its connection."""

import socket
import time

import pytest
import requests

from shared.upstreams.response_body import drain
from tests.unit.upstreams.harness import ExchangeHarness
from tests.unit.upstreams.server import SOON_S, Server, http_response

_HEAD = b"HTTP/1.1 401 No\r\nContent-Length: 10\r\n\r\n"


@pytest.mark.parametrize(
    ("refused", "connections"),
    [
        pytest.param(http_response(401, b"x"), 1, id="1 byte"),
        pytest.param(http_response(401, b""), 1, id="no byte"),
        pytest.param(http_response(401, b"x" * 4_096), 1, id="4 KiB"),
        pytest.param(http_response(401, b"x" * 4_097), 2, id="more than that"),
        pytest.param(b"HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 2, id="chunked"),
        pytest.param(http_response(401, b"x", "Connection: close"), 2, id="the server wants to close"),
    ],
)
def test_a_small_body_keeps_its_connection(refused: bytes, connections: int) -> None:
    """The call after Key Vault's challenge uses the same connection, without a second TLS handshake."""
    with Server(refused, http_response()) as server, ExchangeHarness() as harness:
        session = harness.transport().session
        assert session.get(server.url).status_code == 401
        assert session.get(server.url).status_code == 200
        assert server.connections == connections


def test_a_late_body_costs_its_connection_and_little_time() -> None:
    """A body that comes after its headers is not awaited, and the status still counts."""

    def withhold(connected: socket.socket) -> None:
        connected.sendall(_HEAD + b"x")
        server.hang(connected)

    with Server(withhold, http_response()) as server, ExchangeHarness() as harness:
        session = harness.transport().session
        began = time.monotonic()
        assert session.get(server.url).status_code == 401
        assert time.monotonic() - began < SOON_S
        assert session.get(server.url).status_code == 200
        assert server.connections == 2


def test_a_trickled_body_is_not_waited_for() -> None:
    """The time limit holds for the whole body, not for each byte."""

    def trickle(connected: socket.socket) -> None:
        connected.sendall(_HEAD.replace(b"10", b"1000"))
        server.trickle(connected)

    with Server(trickle) as server, ExchangeHarness() as harness:
        began = time.monotonic()
        assert harness.get(server.url).status_code == 401
        assert time.monotonic() - began < SOON_S


def test_a_body_that_is_cut_short_does_not_hide_its_status() -> None:
    """The status of a response with half a body counts; its connection is not used again."""
    with Server(lambda connected: connected.sendall(_HEAD), http_response()) as server, ExchangeHarness() as harness:
        session = harness.transport().session
        assert session.get(server.url).status_code == 401
        assert session.get(server.url).status_code == 200
        assert len(server.requests) == 2


def test_a_kept_connection_has_its_full_time_again() -> None:
    """The next response on that connection has the full time limit."""

    def slow(connected: socket.socket) -> None:
        assert not server.over.wait(0.2)
        connected.sendall(http_response())

    with Server(http_response(401, b"x"), slow) as server, ExchangeHarness() as harness:
        session = harness.transport().session
        assert session.get(server.url).status_code == 401
        assert session.get(server.url).status_code == 200
        assert server.connections == 1


def test_a_body_without_a_connection_is_left_alone() -> None:
    """A response whose connection has gone back to its pool has nothing to drain."""
    with Server(http_response(401, b"x")) as server:
        response = requests.get(server.url, timeout=5)
        drain(response.raw)
        assert response.raw.connection is None
