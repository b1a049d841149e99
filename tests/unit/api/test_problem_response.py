"""Failures."""

import json

import pytest

from shared.api.problems import problem_response, title_and_detail
from shared.errors import (
    AccountKeyRejected,
    ArrTokenError,
    Misconfigured,
    StsThrottled,
    StsUnavailable,
    Unauthenticated,
    UpstreamTimeout,
)
from tests.unit.support import MS_CV

_REFUSAL = AccountKeyRejected(ms_cv=MS_CV, upstream="sts", upstream_status=401)
_BARE = {"content-type": "application/problem+json", "Cache-Control": "no-store", "x-ms-request-id": "request-id"}


@pytest.mark.parametrize(
    ("error", "more"),
    [
        pytest.param(_REFUSAL, {"MS-CV": MS_CV}, id="the STS's MS-CV"),
        pytest.param(StsThrottled(retry_after_s=30), {"Retry-After": "30"}, id="Retry-After"),
        pytest.param(StsUnavailable(), {}, id="none known"),
        pytest.param(_REFUSAL.again(30), {"MS-CV": MS_CV}, id="never an operator's fault with Retry-After"),
        pytest.param(Unauthenticated(), {"WWW-Authenticate": 'Bearer realm="GetArrToken"'}, id="sign-in"),
        pytest.param(UpstreamTimeout(retry_after_s=1), {"Retry-After": "1"}, id="time-out"),
        pytest.param(Misconfigured(problems=("A must be b",)), {}, id="settings"),
    ],
)
def test_problems(error: ArrTokenError, more: dict[str, str]) -> None:
    """A failure is answered as problem+json with the contract's headers and fields, in the contract's order."""
    response = problem_response(error, "request-id")
    assert response.status_code == error.status
    assert dict(response.headers) == _BARE | {"X-Content-Type-Options": "nosniff"} | more
    title, detail = title_and_detail(error)
    assert list(json.loads(response.get_body()).items()) == [
        ("type", f"urn:arr-token:problem:{error.code}"),
        ("title", title),
        ("status", error.status),
        ("detail", detail),
        ("code", error.code),
        ("requestId", "request-id"),
        ("msCv", error.ms_cv),
    ]
