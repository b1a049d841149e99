"""shared.upstreams.connections."""

import socket
import time
from pathlib import Path

import pytest

from shared.errors import StsUnavailable, UpstreamTimeout
from tests.unit.upstreams.harness import Way
from tests.unit.upstreams.server import SOON_S, Server, answer, trusted

_STRETCHED = [
    pytest.param(b"", id="nothing yet"),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", id="within the headers"),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", id="within the body"),
    pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", id="within a chunk"),
]


@pytest.mark.parametrize("begun", _STRETCHED)
@pytest.mark.parametrize("trickles", [False, True], ids=["hanging", "trickling"])
def test_giving_up_ends_a_call_that_is_under_way(begun: bytes, trickles: bool) -> None:
    """However a server stretches its answer, the thread that waits for it is free at once, and does not try again."""

    def stretch(connected: socket.socket) -> None:
        connected.sendall(begun)
        way.exchange.give_up()
        (server.trickle if trickles else server.hang)(connected)

    with Server(stretch) as server, Way() as way:
        began = time.monotonic()
        with pytest.raises(StsUnavailable) as ended:
            way.line().session.get(server.url)
        assert time.monotonic() - began < SOON_S
        assert (ended.value.kind, server.connections) == ("connection", 1)


def test_giving_up_ends_a_call_over_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The TLS layer, which waits for more bytes, does not keep a given-up call alive."""

    def stretch(connected: socket.socket) -> None:
        connected.sendall(b"HTTP/1.1 200 OK\r\n")
        way.exchange.give_up()
        server.hang(connected)

    with Server(stretch, context=trusted(monkeypatch, tmp_path)) as server, Way() as way:
        began = time.monotonic()
        with pytest.raises(StsUnavailable):
            way.line().session.get(server.url)
        assert time.monotonic() - began < SOON_S


def test_a_tls_handshake_ends_by_its_own_time_out() -> None:
    """A server that never ends the handshake holds the thread until the exchange's deadline, and no longer."""
    with Server(b"") as server, Way(limit_s=0.3) as way:
        began = time.monotonic()
        with pytest.raises(UpstreamTimeout):
            way.line().session.get(server.url.replace("http:", "https:"))
        assert 0.25 < time.monotonic() - began < SOON_S


def test_a_trickling_tls_handshake_ends_by_its_own_time_out() -> None:
    """A handshake that gets a byte now and then, of a record that never ends, has the same time as one without."""

    def greet(connected: socket.socket) -> None:
        connected.sendall(b"\x16\x03\x03\x40\x00")
        server.trickle(connected)

    with Server(greet=greet) as server, Way(limit_s=0.3) as way:
        began = time.monotonic()
        with pytest.raises(UpstreamTimeout):
            way.line().session.get(server.url.replace("http:", "https:"))
        assert 0.25 < time.monotonic() - began < SOON_S


def test_after_giving_up_nothing_more_is_sent() -> None:
    """A thread that was busy elsewhere when its exchange was given up reaches no server afterwards."""
    with Server(answer()) as server, Way() as way:
        line = way.line()
        assert line.session.get(server.url).status_code == 200
        way.exchange.give_up()
        for _ in range(2):
            with pytest.raises(StsUnavailable):
                line.session.get(server.url)
            with pytest.raises(StsUnavailable):
                way.line().session.get(server.url)
        assert len(server.requests) == 1


def test_connections_made_after_giving_up_send_nothing() -> None:
    """An exchange that was given up before its thread got to make connections never calls anyone."""
    with Server(answer()) as server, Way() as given_up:
        given_up.exchange.give_up()
        with Way() as way:
            given_up.exchange.when_given_up(way.connections.shut)
            with pytest.raises(StsUnavailable):
                way.line().session.get(server.url)
    assert server.requests == []


def test_shut_takes_sockets_that_are_closed_already() -> None:
    """Giving up an exchange that has just ended, once or twice, harms nothing."""
    with Server(answer()) as server:
        with Way() as way:
            way.line().session.get(server.url)
        way.connections.shut()
        way.connections.shut()


def test_one_exchanges_end_leaves_anothers_connections_alone() -> None:
    """Giving up one exchange ends no call of the next."""
    with Server(answer()) as server, Way() as given_up, Way() as way:
        line = way.line()
        line.session.get(server.url)
        given_up.line().session.get(server.url)
        given_up.exchange.give_up()
        assert line.session.get(server.url).status_code == 200
        assert server.connections == 2


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(answer(), id="answered"),
        pytest.param(answer(400, b"x" * 70_000), id="a body that nobody reads"),
        pytest.param(answer(200, b"x" * 70_000), id="a body that is too large"),
        pytest.param(answer(401, b"x" * 10), id="a body that is drained"),
        pytest.param(b"rubbish\r\n\r\n", id="no HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1", id="half an answer"),
    ],
)
def test_close_leaves_no_socket_open(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever came, an exchange that has ended holds no connection, of however many lines."""
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))
    way = Way(limit_s=0.3)
    with Server(sent) as server, way:
        for line in (way.line(), way.line()):
            try:
                line.session.get(server.url)
            except Exception as error:  # noqa: BLE001  # not what this is about
                assert error.args is not None  # noqa: PT017
    assert len(way.connections._sockets) >= 2
    assert {connected.fileno() for connected in way.connections._sockets} == {-1}
