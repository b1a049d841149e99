"""What goes out, and what comes back. Its retries, guards, secrecy and proxies have tests of their own."""

import socket
import threading
import time

import pytest

from shared.errors import StsInvalidResponse, StsRejectedRequest, StsUnavailable, UpstreamTimeout
from tests.unit.support import FakeClock
from tests.unit.upstreams.harness import Way
from tests.unit.upstreams.server import PATIENCE_S, SOON_S, Server, answer


def test_a_200_comes_with_its_body() -> None:
    """The reader has the body in hand: no later call on the answer goes out again."""
    with Server(answer(200, b'{"a": 1}', "MS-CV: cv", "Date: now")) as server, Way() as way:
        line = way.line()
        response = line.session.get(server.url)
    assert (response.status_code, response.json()) == (200, {"a": 1})
    assert (response.headers["MS-CV"], response.headers["Date"], line.last_status) == ("cv", "now", 200)


def test_a_status_that_is_passed_on_comes_without_its_body() -> None:
    """An SDK that answers a challenge sees the challenge, and nothing else of that answer."""
    with Server(answer(401, b"hunter2", 'WWW-Authenticate: Bearer realm="x"')) as server, Way() as way:
        response = way.line().session.get(server.url)
    assert (response.status_code, response.content) == (401, b"")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="x"'


@pytest.mark.parametrize(
    ("sent", "error", "kind"),
    [
        pytest.param(answer(404), StsRejectedRequest, "status", id="a status that the upstream refuses"),
        pytest.param(answer(200, b"x" * 65_537), StsInvalidResponse, "body", id="too large"),
        pytest.param(answer(200, b"xxx", "Content-Encoding: gzip"), StsInvalidResponse, "body", id="not decodable"),
        pytest.param(answer(404, b"x", "Content-Encoding: gzip"), StsRejectedRequest, "status", id="status first"),
    ],
)
def test_what_is_no_answer_raises(sent: bytes, error: type[Exception], kind: str) -> None:
    """A failure leaves the line as one of our errors, with the status of the answer."""
    with Server(sent) as server, Way() as way:
        line = way.line()
        with pytest.raises(error) as raised:
            line.session.get(server.url)
        assert getattr(raised.value, "kind", None) == kind
        assert getattr(raised.value, "upstream_status", None) == line.last_status == (404 if kind == "status" else 200)


def test_the_time_of_an_answer_is_that_of_its_question() -> None:
    """An answer that is stretched for ten seconds does not make its token ten seconds younger."""
    clock, seen = FakeClock(), threading.Event()

    def pass_on(status: int) -> None:
        assert status == 200
        clock.tick(10)
        seen.set()

    def send(connected: socket.socket) -> None:
        connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        assert seen.wait(PATIENCE_S)
        connected.sendall(b"{}")

    with Server(send) as server, Way(30, clock) as way:
        line = way.line(refusal=pass_on)
        clock.tick(5)
        began = clock()
        assert line.session.get(server.url).content == b"{}"
    assert line.asked_at == began
    assert clock().monotonic == began.monotonic + 10


def test_the_last_status_is_forgotten_by_a_call_without_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure is never told with the status of the call before."""
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))
    with Server(answer(), b"") as server, Way() as way:
        line = way.line()
        assert line.last_status is None
        line.session.get(server.url)
        assert line.last_status == 200
        with pytest.raises(StsUnavailable) as raised:
            line.session.get(server.url)
    assert line.last_status is raised.value.upstream_status is None


@pytest.mark.parametrize("given", [None, 60, (60, 60)])
def test_a_call_waits_until_the_exchanges_deadline(given: float | tuple[float, float] | None) -> None:
    """An SDK's own time-outs don't count; what is left of the exchange does."""
    with Server(answer(), b"") as server, Way(limit_s=0.3) as way:
        server.then(server.hang)
        began = time.monotonic()
        with pytest.raises(UpstreamTimeout) as raised:
            way.line().session.get(server.url, timeout=given)
        assert 0.25 < time.monotonic() - began < SOON_S
    assert (raised.value.upstream, raised.value.kind, raised.value.upstream_status) == ("test", "timeout", None)


def test_after_the_deadline_a_call_ends_at_once() -> None:
    """With no time left, a call is a time-out: it neither blocks nor waits for ever."""
    clock = FakeClock()
    with Server(answer()) as server, Way(1, clock) as way:
        server.then(server.hang)
        clock.tick(2)
        began = time.monotonic()
        with pytest.raises(UpstreamTimeout):
            way.line().session.get(server.url)
        assert time.monotonic() - began < SOON_S


def test_the_exchange_knows_whom_it_is_talking_to() -> None:
    """One that is given up can name the upstream that it was waiting for."""
    with Server(answer()) as server, Way() as way:
        first, second = way.line(name="first"), way.line(name="second")
        for line, name in ((first, "first"), (second, "second"), (first, "first")):
            line.session.get(server.url)
            assert way.exchange.upstream == name
