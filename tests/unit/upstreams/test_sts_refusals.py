"""Failures of the STS."""

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.errors import (
    AccountKeyRejected,
    ArrTokenError,
    IdentityRejected,
    StsInvalidResponse,
    StsRejectedRequest,
    StsThrottled,
    StsUnavailable,
    UpstreamTimeout,
)
from tests.unit.upstreams.harness import use
from tests.unit.upstreams.sts import refusal_of

_STATUSES: list[tuple[int, type[ArrTokenError], int]] = [
    *((status, AccountKeyRejected, 1) for status in (401, 403)),
    *((status, StsRejectedRequest, 1) for status in (400, 402, 404, 405, 409, 410, 418, 451, 499)),
    (429, StsThrottled, 1),
    *((status, StsUnavailable, 1) for status in (408, 425)),
    *((status, StsUnavailable, 3) for status in (500, 501, 502, 503, 504, 599)),
    *((status, StsInvalidResponse, 1) for status in (201, 202, 203, 204, 206, 300, 301, 302, 304, 307, 308)),
]


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)


@pytest.mark.parametrize(("status", "error", "calls"), _STATUSES)
def test_the_status_decides(services: SimulatedServices, status: int, error: type[ArrTokenError], calls: int) -> None:
    """The status decides whatever the body is; the failure has the MS-CV of the last call."""
    services.sts.faults.set(Fault(status=status, headers={"Location": "https://hunter2.invalid"}))
    failure = refusal_of(services)
    assert type(failure) is error
    assert (failure.upstream_status, failure.kind) == (status, "status")
    assert failure.ms_cv == services.sts.faults.calls[-1].response_headers["MS-CV"]
    assert services.sts.faults.count == calls


@pytest.mark.parametrize("ms_cv", [None, "not visible"])
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, StsInvalidResponse),
        (410, StsInvalidResponse),
        (400, StsRejectedRequest),
        (405, StsRejectedRequest),
        (401, AccountKeyRejected),
    ],
)
def test_without_ms_cv_a_404_is_not_the_stss(
    services: SimulatedServices, status: int, error: type[ArrTokenError], ms_cv: str | None
) -> None:
    """A 404 without MS-CV, as from a parked domain, is not taken for the account's refusal."""
    services.sts.faults.set(Fault(status=status, headers={"MS-CV": ms_cv}))
    failure = refusal_of(services)
    assert (type(failure), failure.upstream_status, failure.ms_cv) == (error, status, None)


@pytest.mark.parametrize("status", [401, 403])
def test_a_keyless_refusal_names_the_identity(services: SimulatedServices, status: int) -> None:
    """Without a key, a refusal is reported for the identity."""
    services.sts.faults.set(Fault(status=status))
    assert isinstance(refusal_of(services, keyless=True), IdentityRejected)


@pytest.mark.parametrize(
    ("sent", "expected"), [("7", 7), ("0", 0), ("99999", 3600), ("soon", None), ("-5", None), (None, None)]
)
@pytest.mark.parametrize("status", [408, 429, 503])
def test_retry_after_is_kept(services: SimulatedServices, status: int, sent: str | None, expected: int | None) -> None:
    """The STS's own Retry-After, up to an hour, becomes the cool-down."""
    services.sts.faults.set(Fault(status=status, headers={"Retry-After": sent}))
    assert refusal_of(services).retry_after_s == expected


def test_a_hanging_sts_is_a_timeout(services: SimulatedServices) -> None:
    """A hanging STS is called once, until the exchange's deadline."""
    services.sts.faults.set(Fault(delay=60))
    assert isinstance(refusal_of(services, limit_s=1), UpstreamTimeout)
    assert services.sts.faults.count == 1
