"""Retries: their causes, their number and their pauses."""

import socket

import pytest
import requests

from shared.errors import ArrTokenError, StsRejectedRequest, StsUnavailable, UpstreamTimeout
from shared.tokens.exchange import Trigger
from shared.upstreams.connections import BACK_OFF_S
from tests.unit.support import FakeClock
from tests.unit.upstreams.harness import ExchangeHarness, failure_of
from tests.unit.upstreams.server import Server, http_response

FAILURES = [
    pytest.param(b"", id="dropped"),
    pytest.param(b"rubbish\r\n\r\n", id="no HTTP"),
    pytest.param(http_response(500, b""), id="500"),
    pytest.param(http_response(503, b"", "Retry-After: soon"), id="503, with a Retry-After that can't be read"),
    pytest.param(http_response(503, b"", "Retry-After: 0"), id="503, with a Retry-After of 0"),
    pytest.param(http_response(599), id="599"),
]


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(("failures", "calls"), [(1, 2), (2, 3)])
@pytest.mark.parametrize("trigger", ["load", "request"])
def test_callers_do_not_notice_one_or_two_failures(failure: bytes, failures: int, calls: int, trigger: Trigger) -> None:
    """A connection failure or a 5xx is retried at most twice, in an exchange that a request may wait for."""
    with Server(*[failure] * failures, http_response()) as server, ExchangeHarness(trigger=trigger) as harness:
        assert harness.get(server.url).status_code == 200
    assert len(server.requests) == calls


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(("trigger", "calls"), [("load", 3), ("request", 3), ("refresh", 1)])
def test_the_last_failure_is_final(failure: bytes, trigger: Trigger, calls: int) -> None:
    """There are two retries; a background refresh has none, or an outage would triple a fleet's load."""
    with Server(failure) as server, ExchangeHarness(trigger=trigger) as harness:
        assert isinstance(failure_of(lambda: harness.get(server.url)), StsUnavailable)
    assert len(server.requests) == calls


@pytest.mark.parametrize("script", ["FAFF", "FFAF", "AFFAF", "FAAFAF", "AFFF"])
def test_all_calls_of_one_upstream_share_the_two_retries(script: str) -> None:
    """Challenge and secret, or the first key and the second, have two retries together, not two each."""
    responses = (http_response(500 if step == "F" else 200) for step in script)
    with Server(*responses) as server, ExchangeHarness() as harness:
        session = harness.transport().session
        for _ in range(script.count("A")):
            assert session.get(server.url).status_code == 200
        failure_of(lambda: session.get(server.url))
    assert len(server.requests) == len(script)


def test_each_upstream_and_each_exchange_has_retries_of_its_own() -> None:
    """One upstream's failures leave the others theirs, and so for the next exchange."""
    with Server(http_response(500)) as server, ExchangeHarness() as harness, ExchangeHarness() as later:
        for get in (harness.get, harness.get, later.get):
            failure_of(lambda: get(server.url))  # noqa: B023  # it is called at once
    assert len(server.requests) == 9


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        *(pytest.param(http_response(status), StsRejectedRequest, id=f"{status}") for status in (400, 403, 404, 499)),
        pytest.param(http_response(429), StsUnavailable, id="429"),
        pytest.param(http_response(429, b"", "Retry-After: 5"), StsUnavailable, id="429 with Retry-After"),
        pytest.param(http_response(503, b"", "Retry-After: 5"), StsUnavailable, id="503 with Retry-After"),
        pytest.param(
            http_response(500, b"", "Retry-After: Wed, 01 Jan 2098 00:00:00 GMT"), StsUnavailable, id="500 with a date"
        ),
        pytest.param(http_response(200, b"x" * 70_000), ArrTokenError, id="a body that can't be read"),
    ],
)
def test_refusals_are_not_retried(sent: bytes, error: type[ArrTokenError]) -> None:
    """A refusal, or a response with Retry-After, is not retried within the exchange."""
    with Server(sent) as server, ExchangeHarness() as harness:
        assert isinstance(failure_of(lambda: harness.get(server.url)), error)
    assert len(server.requests) == 1


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nConte", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"])
def test_a_timeout_is_not_tried_again(begun: bytes) -> None:
    """A time-out in headers or body is not retried, even if the exchange has time left."""

    def stop(connected: socket.socket) -> None:
        connected.sendall(begun)
        server.hang(connected)

    with Server(stop) as server, ExchangeHarness(0.15, FakeClock()) as harness:
        assert isinstance(failure_of(lambda: harness.get(server.url)), UpstreamTimeout)
    assert len(server.requests) == 1


def test_a_refused_connection_is_tried_again() -> None:
    """A server that comes back between two attempts serves the call."""
    attempts: list[str | None] = []
    with Server(http_response()) as gone:
        refused = gone.url
    with Server(http_response()) as server, ExchangeHarness() as harness:

        def before_attempt(request: requests.PreparedRequest) -> None:
            attempts.append(request.url)
            request.url = server.url if len(attempts) == 3 else refused

        assert harness.transport(before_attempt).session.get(refused).status_code == 200
    assert len(attempts) == 3


@pytest.mark.parametrize(("limit_s", "pauses"), [(10, []), (15, [10]), (30, [10]), (35, [10, 20])])
def test_no_pause_goes_beyond_the_deadline(
    limit_s: float, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second pause is twice the first; a retry that could not start before the deadline is not waited for."""
    clock = FakeClock()
    waited: list[float] = []

    def wait(pause_s: float) -> bool:
        waited.append(pause_s)
        clock.tick(pause_s)
        return False

    with Server(http_response(500)) as server, ExchangeHarness(limit_s, clock, back_off_s=(10, 10)) as harness:
        monkeypatch.setattr(harness.connections.aborted, "wait", wait)
        failure_of(lambda: harness.get(server.url))
    assert waited == pauses
    assert len(server.requests) == len(pauses) + 1


def test_pauses_are_short_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers wait little, and workers that failed together retry at different times."""
    waited: list[float] = []
    with Server(http_response(500)) as server:
        for _ in range(20):
            with ExchangeHarness(back_off_s=BACK_OFF_S) as harness:
                monkeypatch.setattr(harness.connections.aborted, "wait", waited.append)
                failure_of(lambda: harness.get(server.url))
    first, second = waited[::2], waited[1::2]
    assert 0.1 <= min(first) < max(first) <= 0.3
    assert 0.2 <= min(second) < max(second) <= 0.6
