"""shared.upstreams.failures."""

from pathlib import Path

import pytest
import requests

from shared.errors import (
    AccountKeyUnavailable,
    ArrTokenError,
    KeyVaultUnavailable,
    StsInvalidResponse,
    StsRejectedRequest,
    StsThrottled,
    StsUnavailable,
    UpstreamTimeout,
)
from shared.upstreams.failures import UpstreamFailures, transport_failure_kind
from tests.unit.support import ISSUED_ON, MS_CV
from tests.unit.upstreams.server import Server, trusted

_HEADERS = {"MS-CV": MS_CV, "Retry-After": "7", "Location": "https://hunter2", "WWW-Authenticate": "Invalid: hunter2"}


def _upstream(error: type[ArrTokenError] | None, *, sends_ms_cv: bool = True) -> UpstreamFailures:
    return UpstreamFailures("sts", StsUnavailable, StsInvalidResponse, lambda _: error, sends_ms_cv=sends_ms_cv)


def _answer(status: int, **headers: str) -> requests.Response:
    answer = requests.Response()
    answer.status_code = status
    answer.headers.update(_HEADERS | headers)
    answer._content = b"hunter2"
    return answer


def _data(error: ArrTokenError | None) -> tuple[object, ...]:
    assert error is not None
    return type(error), error.ms_cv, error.retry_after_s, error.upstream, error.upstream_status, error.kind


def test_a_status_that_is_no_failure_is_passed_on() -> None:
    """An upstream's vocabulary decides which statuses its reader gets to see."""
    assert _upstream(None).refused(_answer(401), ISSUED_ON) is None


def test_a_transient_status_carries_retry_after() -> None:
    """What an upstream says of itself goes into the failure: its status, its MS-CV, its Retry-After."""
    refused = _upstream(StsThrottled).refused(_answer(429), ISSUED_ON)
    assert _data(refused) == (StsThrottled, MS_CV, 7, "sts", 429, "status")


def test_a_refusal_carries_retry_after_too() -> None:
    """No exchange starts before the upstream wants to be asked again, whoever has to mend the fault."""
    refused = _upstream(StsRejectedRequest).refused(_answer(400), ISSUED_ON)
    assert _data(refused) == (StsRejectedRequest, MS_CV, 7, "sts", 400, "status")


def test_retry_after_may_be_a_date() -> None:
    """A date is told in seconds from this host's clock where the upstream's own can't be read."""
    headers = {"Retry-After": "Wed, 18 Nov 2026 11:07:00 GMT"}
    refused = _upstream(StsThrottled).refused(_answer(429, **headers), ISSUED_ON)
    assert refused is not None
    assert refused.retry_after_s == 20


@pytest.mark.parametrize("sent", ["a b", "", "x" * 129, "caf\xe9"])
def test_an_ms_cv_that_is_none_is_left_out(sent: str) -> None:
    """What may not stand in a header or a log line does not get into a failure."""
    refused = _upstream(StsThrottled).refused(_answer(429, **{"MS-CV": sent}), ISSUED_ON)
    assert refused is not None
    assert refused.ms_cv is None


def test_only_the_stss_ms_cv_is_told() -> None:
    """Another service's MS-CV is not that of an STS call, and callers never get it."""
    refused = _upstream(AccountKeyUnavailable, sends_ms_cv=False).refused(_answer(403), ISSUED_ON)
    assert _data(refused) == (AccountKeyUnavailable, None, 7, "sts", 403, "status")


def test_an_answer_that_cannot_be_read() -> None:
    """Too large or not decodable: the failure says that it was the body."""
    assert _data(_upstream(None).unread(_answer(200))) == (StsInvalidResponse, MS_CV, None, "sts", 200, "body")


@pytest.mark.parametrize("error", [UpstreamTimeout, KeyVaultUnavailable])
def test_a_call_without_an_answer(error: type[UpstreamTimeout | KeyVaultUnavailable]) -> None:
    """There is no status, MS-CV or Retry-After to tell."""
    assert _data(_upstream(None).unanswered(error, "why")) == (error, None, None, "sts", None, "why")


@pytest.mark.parametrize("status", [400, 429, 500])
def test_no_text_of_an_upstream_gets_into_a_failure(status: int) -> None:
    """Neither body nor headers of an answer can be read from it."""
    for failure in (
        _upstream(StsUnavailable).refused(_answer(status), ISSUED_ON),
        _upstream(None).unread(_answer(200)),
    ):
        assert "hunter2" not in f"{failure} {failure!r} {vars(failure)}"


def _raw_error(url: str) -> requests.RequestException:
    with pytest.raises(requests.RequestException) as raised:
        requests.get(url, timeout=5, stream=True)
    return raised.value


def test_kind_of_a_tls_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A certificate of nobody, and a server without TLS, are called by what failed."""
    context = trusted(monkeypatch, tmp_path)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with Server(b"", context=context) as untrusted:
        assert transport_failure_kind(_raw_error(untrusted.url)) == "tls"
    with Server(greet=lambda connected: connected.sendall(b"HTTP/1.1 400 No\r\n\r\n")) as plain:
        assert transport_failure_kind(_raw_error(plain.url.replace("http:", "https:"))) == "tls"


def test_kind_of_a_name_that_does_not_resolve() -> None:
    """A typing error in a setting shows in the log."""
    assert transport_failure_kind(_raw_error("https://name.invalid")) == "name"


def test_kind_of_other_failures() -> None:
    """Refused and dropped connections, and whatever has no reason to tell."""
    with Server(b"") as server:
        assert transport_failure_kind(_raw_error(server.url)) == "connection"
        refused = server.url
    assert transport_failure_kind(_raw_error(refused)) == "connection"
    assert {
        transport_failure_kind(error) for error in (OSError(), ValueError("x"), requests.ConnectionError(None))
    } == {"connection"}
