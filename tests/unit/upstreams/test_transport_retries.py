"""What is tried again, and how often."""

import socket

import pytest
import requests

from shared.errors import ArrTokenError, StsRejectedRequest, StsUnavailable, UpstreamTimeout
from tests.unit.support import FakeClock
from tests.unit.upstreams.harness import Way
from tests.unit.upstreams.server import Server, answer

FAILURES = [
    pytest.param(b"", id="dropped"),
    pytest.param(b"rubbish\r\n\r\n", id="no HTTP"),
    pytest.param(answer(500, b""), id="500"),
    pytest.param(answer(503, b"", "Retry-After: soon"), id="503, with a Retry-After that can't be read"),
    pytest.param(answer(599), id="599"),
]


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry at once."""
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(("failures", "calls"), [(1, 2), (2, 3)])
def test_one_or_two_failures_are_not_seen(failure: bytes, failures: int, calls: int) -> None:
    """A connection failure or a 5xx is tried again, at most twice."""
    with Server(*[failure] * failures, answer()) as server, Way() as way:
        assert way.line().session.get(server.url).status_code == 200
    assert len(server.requests) == calls


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize("failure", FAILURES)
def test_the_third_failure_is_told(failure: bytes) -> None:
    """After two retries the failure of the last attempt gets out."""
    with Server(failure) as server, Way() as way, pytest.raises(StsUnavailable):
        way.line().session.get(server.url)
    assert len(server.requests) == 3


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize("script", ["FAFF", "FFAF", "AFFAF", "FAAFAF", "AFFF"])
def test_all_calls_of_one_exchange_share_the_two_retries(script: str) -> None:
    """Challenge and secret, or the first key and the second, have two retries together, not two each."""
    with Server(*(answer(500 if step == "F" else 200) for step in script)) as server, Way() as way:
        line = way.line()
        for _ in range(script.count("A")):
            assert line.session.get(server.url).status_code == 200
        with pytest.raises(StsUnavailable):
            line.session.get(server.url)
    assert len(server.requests) == len(script)


@pytest.mark.usefixtures("no_pause")
def test_each_upstream_and_each_exchange_has_retries_of_its_own() -> None:
    """One upstream's failures leave the others theirs, and the next exchange starts anew."""
    with Server(answer(500)) as server, Way() as way, Way() as later:
        for line in (way.line(), way.line(), later.line()):
            with pytest.raises(StsUnavailable):
                line.session.get(server.url)
    assert len(server.requests) == 9


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize(
    ("sent", "error"),
    [
        *(pytest.param(answer(status), StsRejectedRequest, id=f"{status}") for status in (400, 403, 404, 499)),
        pytest.param(answer(429), StsUnavailable, id="429"),
        pytest.param(answer(429, b"", "Retry-After: 5"), StsUnavailable, id="429 with Retry-After"),
        pytest.param(answer(503, b"", "Retry-After: 5"), StsUnavailable, id="503 with Retry-After"),
        pytest.param(
            answer(500, b"", "Retry-After: Wed, 01 Jan 2098 00:00:00 GMT"), StsUnavailable, id="500 with a date"
        ),
        pytest.param(answer(200, b"x" * 70_000), ArrTokenError, id="an answer that can't be read"),
    ],
)
def test_what_is_not_tried_again(sent: bytes, error: type[ArrTokenError]) -> None:
    """A refusal, and an upstream that asks for patience, are told at once."""
    with Server(sent) as server, Way() as way, pytest.raises(error):
        way.line().session.get(server.url)
    assert len(server.requests) == 1


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nConte", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"])
def test_a_time_out_is_not_tried_again(begun: bytes) -> None:
    """In headers or body; not even by a clock that says there is time left."""

    def stop(connected: socket.socket) -> None:
        connected.sendall(begun)
        server.hang(connected)

    with Server(stop) as server, Way(0.15, FakeClock()) as way, pytest.raises(UpstreamTimeout):
        way.line().session.get(server.url)
    assert len(server.requests) == 1


@pytest.mark.usefixtures("no_pause")
def test_a_refused_connection_is_tried_again() -> None:
    """A server that comes back between two attempts serves the call."""
    attempts: list[str | None] = []
    with Server(answer()) as gone:
        refused = gone.url
    with Server(answer()) as server, Way() as way:

        def prepare(request: requests.PreparedRequest) -> None:
            attempts.append(request.url)
            request.url = server.url if len(attempts) == 3 else refused

        assert way.line(prepare).session.get(refused).status_code == 200
    assert len(attempts) == 3


@pytest.mark.usefixtures("no_pause")
def test_each_attempt_is_prepared() -> None:
    """Every attempt has a correlation base of its own, retries included."""
    bases = iter("abcdef")

    def prepare(request: requests.PreparedRequest) -> None:
        request.headers["X-MRC-CV"] = next(bases)

    with Server(b"", answer(500), answer()) as server, Way() as way:
        line = way.line(prepare)
        line.session.get(server.url)
        line.session.get(server.url)
    assert [request.split("X-MRC-CV: ")[1][0] for request in server.requests] == ["a", "b", "c", "d"]
