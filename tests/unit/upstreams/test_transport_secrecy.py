"""No text of a call gets into its errors. The raw errors are first shown to leak."""

import gc
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from shared.errors import ArrTokenError, StsUnavailable
from tests.unit.upstreams.harness import ExchangeHarness
from tests.unit.upstreams.server import Server, http_response, trusted

_KEY = "hunter2-mF7Y0u/NevErSeeMe+aCc0untKey="
_SENT = {"Authorization": f"Bearer 35d830cb:{_KEY}"}
_PATH = "/accounts/hunter2-account/token"

FAILURES = [
    pytest.param(b"", id="dropped"),
    pytest.param(f"hunter2 {_KEY}\r\n\r\n".encode(), id="no HTTP"),
    pytest.param(b"HTTP/1.1 hunter2 hunter2\r\n\r\n", id="no status"),
    pytest.param(http_response(500, _KEY.encode(), f"WWW-Authenticate: {_KEY}", f"MS-CV: {_KEY} "), id="500"),
    pytest.param(http_response(400, _KEY.encode(), f"X-Echo: {_KEY}"), id="400"),
    pytest.param(http_response(200, _KEY.encode() * 3000), id="too large"),
    pytest.param(http_response(200, _KEY.encode(), "Content-Encoding: gzip"), id="not decodable"),
    pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhunter2\r\n", id="a bad chunk length"),
]


def _raised(call: Callable[[], object], kind: type[Exception] = ArrTokenError) -> Exception:
    with pytest.raises(kind) as raised:
        call()
    return raised.value


def _everything_of(error: BaseException) -> str:
    """Return all text that logging or a debugger would show of an error and its attributes, frames apart."""
    shown = f"{error} {error!r} {error.args} {vars(error)} {getattr(error, '__notes__', '')}"
    request = getattr(error, "request", None)
    return shown + "".join(traceback.format_exception(error)) + str(request and vars(request))


def _check(error: Exception) -> None:
    assert error.__cause__ is error.__context__ is None
    text = _everything_of(error)
    for secret in ("hunter2", _KEY, "/accounts", "127.0.0.1", "Bearer"):
        assert secret not in text


@pytest.mark.parametrize("failure", FAILURES)
def test_an_error_holds_nothing_of_its_call(failure: bytes) -> None:
    """The error, its traceback and its causes contain no URL, key, header or body."""
    with Server(failure) as server, ExchangeHarness() as harness:
        url = f"http://{server.address}{_PATH}"
        _check(_raised(lambda: harness.get(url, headers=_SENT)))


def test_requests_own_errors_hold_the_key_and_the_address() -> None:
    """With requests alone, a dropped connection shows the call; the other tests show that ours does not."""
    with Server(b"") as server:
        url = f"http://{server.address}{_PATH}"
        error = _raised(lambda: requests.get(url, headers=_SENT, timeout=5), requests.RequestException)
    assert _KEY in _everything_of(error)
    assert error.__context__ is not None
    refused = _raised(lambda: requests.get(url, headers=_SENT, timeout=5), requests.RequestException)
    assert _PATH in str(refused)
    assert "127.0.0.1" in str(refused)


def test_a_time_out_holds_nothing_of_its_call() -> None:
    """The time-out of requests contains the address; ours does not."""
    with Server(http_response()) as server:
        server.then(server.hang)
        url = f"http://{server.address}{_PATH}"
        raw = _raised(lambda: requests.get(url, headers=_SENT, timeout=0.05), requests.Timeout)
        assert "127.0.0.1" in str(raw)
        with ExchangeHarness(limit_s=0.05) as harness:
            _check(_raised(lambda: harness.get(url, headers=_SENT)))


@pytest.mark.parametrize("host", ["127.0.0.1:1", "hunter2.invalid"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connection_that_fails_holds_nothing_of_its_call(scheme: str, host: str) -> None:
    """A refused connection and a name that does not resolve are reported without the address."""
    with ExchangeHarness() as harness:
        _check(_raised(lambda: harness.get(f"{scheme}://{host}{_PATH}", headers=_SENT)))


def test_a_tls_failure_holds_nothing_of_its_call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An untrusted certificate is a TLS failure, and the error says no more."""
    context = trusted(monkeypatch, tmp_path)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with Server(http_response(), context=context) as server, ExchangeHarness() as harness:
        error = _raised(lambda: harness.get(server.url, headers=_SENT))
        _check(error)
    assert isinstance(error, StsUnavailable)
    assert error.kind == "tls"
    assert server.requests == []


@pytest.mark.parametrize("value", [f"Bearer {_KEY}\nx", f" {_KEY}\r"])
def test_an_illegal_header_value_is_not_shown(value: str) -> None:
    """The exception of requests contains such a value; the transport's error does not."""
    raw = _raised(
        lambda: requests.get("http://127.0.0.1:1", headers={"A": value}, timeout=1), requests.RequestException
    )
    assert _KEY in str(raw)

    def before_attempt(request: requests.PreparedRequest) -> None:
        request.headers["A"] = value

    with Server(http_response()) as server, ExchangeHarness() as harness:
        _check(_raised(lambda: harness.transport(before_attempt).session.get(server.url)))
        assert server.requests == []


def test_nothing_keeps_the_raw_error_alive() -> None:
    """After our error is raised, the raw one, which contains the request and its key, is freed."""
    with Server(b"") as server, ExchangeHarness() as harness:
        error = _raised(lambda: harness.get(server.url, headers=_SENT))
        error.__traceback__ = None
        gc.collect()
        left = [
            one for one in gc.get_objects() if isinstance(one, requests.RequestException | requests.PreparedRequest)
        ]
        assert not [one for one in left if _KEY in _everything_of_request(one)]


def _everything_of_request(one: requests.RequestException | requests.PreparedRequest) -> str:
    request = one if isinstance(one, requests.PreparedRequest) else one.request
    return str(request and vars(request))
