"""Requests and responses. Retries, guards, secrecy and proxies have their own files."""

import time

import pytest
import requests

from shared.errors import (
    ArrTokenError,
    StsInvalidResponse,
    StsRejectedRequest,
    StsThrottled,
    StsUnavailable,
    UpstreamTimeout,
)
from tests.unit.support import ISSUED_ON, MS_CV, FakeClock
from tests.unit.upstreams.harness import ExchangeHarness, failure_of
from tests.unit.upstreams.server import SOON_S, Server, http_response


def test_a_200_comes_with_its_body() -> None:
    """The caller of the transport gets the whole body."""
    with Server(http_response(200, b'{"a": 1}', "MS-CV: cv", "Date: now")) as server, ExchangeHarness() as harness:
        response = harness.get(server.url)
    assert (response.status_code, response.json()) == (200, {"a": 1})
    assert (response.headers["MS-CV"], response.headers["Date"]) == ("cv", "now")


def test_a_status_that_is_passed_on_comes_without_its_body() -> None:
    """An SDK gets the challenge, and no other part of that response."""
    with (
        Server(http_response(401, b"hunter2", 'WWW-Authenticate: Bearer realm="x"')) as server,
        ExchangeHarness() as harness,
    ):
        response = harness.get(server.url)
    assert (response.status_code, response.content) == (401, b"")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="x"'


@pytest.mark.parametrize(
    ("sent", "error", "status", "kind"),
    [
        pytest.param(http_response(404), StsRejectedRequest, 404, "status", id="a refusal"),
        pytest.param(http_response(404, b"x" * 65_537), StsRejectedRequest, 404, "status", id="a refusal, too large"),
        pytest.param(
            http_response(404, b"x", "Content-Encoding: gzip"), StsRejectedRequest, 404, "status", id="undecodable"
        ),
        pytest.param(http_response(200, b"x" * 65_537), StsInvalidResponse, 200, "body", id="200, too large"),
        pytest.param(
            http_response(200, b"xxx", "Content-Encoding: gzip"), StsInvalidResponse, 200, "body", id="200, gzip"
        ),
    ],
)
def test_the_status_decides_before_the_body(sent: bytes, error: type[ArrTokenError], status: int, kind: str) -> None:
    """A failed response keeps its own code with any body; only a 200 can be unreadable."""
    with Server(sent) as server, ExchangeHarness() as harness:
        failure = failure_of(lambda: harness.get(server.url))
    assert (type(failure), failure.upstream, failure.upstream_status, failure.kind) == (error, "test", status, kind)


@pytest.mark.parametrize(("sends_ms_cv", "expected"), [(True, MS_CV), (False, None)])
def test_only_the_ms_cv_of_the_sts_is_passed_on(sends_ms_cv: bool, expected: str | None) -> None:
    """Another service's MS-CV is not that of an STS call, and callers never get it."""
    refused, unreadable = http_response(429, b"", f"MS-CV: {MS_CV}"), http_response(200, b"\xff", f"MS-CV: {MS_CV}")
    with Server(refused, unreadable) as server, ExchangeHarness() as harness:
        session = harness.transport(sends_ms_cv=sends_ms_cv).session
        assert [failure_of(lambda: session.get(server.url)).ms_cv for _ in range(2)] == [expected, expected]


def test_error_for_status_gets_the_ms_cv() -> None:
    """A status can have another meaning without an MS-CV."""
    seen: list[tuple[int, str | None]] = []

    def error_for_status(status: int, ms_cv: str | None) -> type[ArrTokenError]:
        seen.append((status, ms_cv))
        return StsThrottled

    with Server(http_response(404, b"", f"MS-CV: {MS_CV}"), http_response(404)) as server, ExchangeHarness() as harness:
        session = harness.transport(error_for_status=error_for_status, sends_ms_cv=True).session
        for _ in range(2):
            failure_of(lambda: session.get(server.url))
    assert seen == [(404, MS_CV), (404, None)]


def test_retry_after_may_be_a_date() -> None:
    """A date counts from this host's clock if the upstream's Date is unreadable."""
    clock = FakeClock()
    assert clock().wall == ISSUED_ON
    sent = http_response(429, b"", "Retry-After: Wed, 18 Nov 2026 11:07:00 GMT")
    with Server(sent) as server, ExchangeHarness(clock=clock) as harness:
        assert failure_of(lambda: harness.get(server.url)).retry_after_s == 20


@pytest.mark.parametrize("url", ["http://hunter2.invalid/", "https://hunter2.invalid/"])
def test_a_name_that_does_not_resolve_is_called_so(url: str) -> None:
    """The log shows a typing error in a host name."""
    with ExchangeHarness() as harness:
        assert failure_of(lambda: harness.get(url)).kind == "name"


def test_an_address_that_requests_cannot_parse_is_a_connection_failure() -> None:
    """Without a proxy, the log blames no proxy variable."""

    def before_attempt(request: requests.PreparedRequest) -> None:
        request.url = "https://hunter2:99999/"

    with ExchangeHarness() as harness:
        session = harness.transport(before_attempt).session
        failure = failure_of(lambda: session.get("https://127.0.0.1:1/"))
    assert (type(failure), failure.kind) == (StsUnavailable, "connection")


def test_a_server_without_tls_is_called_so() -> None:
    """The log shows that a server on an https port uses plain HTTP."""
    with (
        Server(greet=lambda connected: connected.sendall(b"HTTP/1.1 400 No\r\n\r\n")) as server,
        ExchangeHarness() as harness,
    ):
        assert failure_of(lambda: harness.get(server.https_url)).kind == "tls"


@pytest.mark.parametrize("sdk_timeout_s", [None, 60, (60, 60)])
def test_a_call_ends_at_the_exchanges_deadline(sdk_timeout_s: float | tuple[float, float] | None) -> None:
    """A call ends at the deadline whatever the SDK's own time-outs are."""
    with Server(http_response()) as server, ExchangeHarness(limit_s=0.3) as harness:
        server.then(server.hang)
        began = time.monotonic()
        failure = failure_of(lambda: harness.get(server.url, timeout=sdk_timeout_s))
        assert 0.25 < time.monotonic() - began < SOON_S
    assert (type(failure), failure.upstream, failure.kind) == (UpstreamTimeout, "test", "timeout")


def test_a_call_has_a_limit_of_its_own() -> None:
    """A call on the same machine can't use the whole time of an exchange."""
    with Server(http_response()) as server, ExchangeHarness() as harness:
        server.then(server.hang)
        began = time.monotonic()
        session = harness.transport(call_limit_s=0.2).session
        assert isinstance(failure_of(lambda: session.get(server.url)), UpstreamTimeout)
        assert time.monotonic() - began < SOON_S


def test_after_the_deadline_a_call_ends_at_once() -> None:
    """With no time left, a call neither blocks nor waits for ever."""
    clock = FakeClock()
    with Server(http_response()) as server, ExchangeHarness(1, clock) as harness:
        server.then(server.hang)
        clock.tick(2)
        began = time.monotonic()
        assert isinstance(failure_of(lambda: harness.get(server.url)), UpstreamTimeout)
        assert time.monotonic() - began < SOON_S


def test_the_exchange_knows_which_upstream_it_calls() -> None:
    """The log line of an aborted exchange names the upstream of its last call."""
    with Server(http_response()) as server, ExchangeHarness() as harness:
        transports = {name: harness.transport(name=name) for name in ("first", "second")}
        for name in ("first", "second", "first"):
            transports[name].session.get(server.url)
            assert harness.exchange.progress.upstream == name
