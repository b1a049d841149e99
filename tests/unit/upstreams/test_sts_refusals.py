"""What the STS says instead of a token."""

import json

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


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))


_STATUSES: list[tuple[int, type[ArrTokenError], int]] = [
    *((status, AccountKeyRejected, 1) for status in (401, 403)),
    *((status, StsRejectedRequest, 1) for status in (400, 402, 404, 405, 408, 409, 410, 418, 451, 499)),
    (429, StsThrottled, 1),
    *((status, StsUnavailable, 3) for status in (500, 501, 502, 503, 504, 599)),
    *((status, StsInvalidResponse, 1) for status in (201, 202, 203, 204, 206, 300, 301, 302, 304, 307, 308)),
]


@pytest.mark.parametrize(("status", "error", "calls"), _STATUSES)
def test_a_status_decides(services: SimulatedServices, status: int, error: type[ArrTokenError], calls: int) -> None:
    """Whatever the body, also that of a token; the failure has the MS-CV of the last call."""
    services.sts.faults.set(Fault(status=status, headers={"Location": "https://hunter2.invalid"}))
    failure = refusal_of(services)
    assert type(failure) is error
    assert (failure.upstream_status, failure.kind) == (status, "status")
    assert failure.ms_cv == services.sts.faults.calls[-1].response_headers["MS-CV"]
    assert services.sts.faults.count == calls


@pytest.mark.parametrize("status", [401, 403])
def test_keyless_refusals_name_the_identity(services: SimulatedServices, status: int) -> None:
    """Without a key there is none to be rejected."""
    services.sts.faults.set(Fault(status=status))
    assert isinstance(refusal_of(services, keyless=True), IdentityRejected)


@pytest.mark.parametrize(
    ("sent", "told"), [("7", 7), ("0", 0), ("99999", 3600), ("soon", None), ("-5", None), (None, None)]
)
def test_throttling_tells_its_retry_after(services: SimulatedServices, sent: str | None, told: int | None) -> None:
    """The STS's own words, up to an hour."""
    services.sts.faults.set(Fault(status=429, headers={"Retry-After": sent}))
    assert refusal_of(services).retry_after_s == told


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_refusals_retry_after_becomes_the_cool_down(services: SimulatedServices, status: int) -> None:
    """Only an operator can mend it, so no caller is told; but the STS is not called before."""
    services.sts.faults.set(Fault(status=status, headers={"Retry-After": "7"}))
    assert refusal_of(services).retry_after_s == 7


@pytest.mark.parametrize("case", ["accessToken", "ACCESSTOKEN", "access_token", " AccessToken"])
def test_the_token_has_one_name(services: SimulatedServices, case: str) -> None:
    """What the STS's own description calls AccessToken is nothing under any other name."""
    services.sts.faults.set(Fault(body=json.dumps({case: "hunter2"})))
    failure = refusal_of(services)
    assert isinstance(failure, StsInvalidResponse)
    assert (failure.kind, failure.upstream_status) == ("body", 200)
    assert failure.ms_cv is not None


def test_a_hanging_sts_is_a_time_out(services: SimulatedServices) -> None:
    """It is called once, until the exchange's deadline."""
    services.sts.faults.set(Fault(delay=60))
    assert isinstance(refusal_of(services, limit_s=0.25), UpstreamTimeout)
    assert services.sts.faults.count == 1
