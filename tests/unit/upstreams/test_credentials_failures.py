"""Failures of the managed identity's endpoint."""

import time
from pathlib import Path

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.errors import ArrTokenError, IdentityNotAssigned, IdentityUnavailable, UpstreamTimeout
from shared.upstreams import credentials
from shared.upstreams.identity_tokens import IdentityTokens
from tests.unit.upstreams.harness import ExchangeHarness, ShiftedClock, failure_of, use
from tests.unit.upstreams.server import SOON_S

_SCOPE = "https://vault.azure.net/.default"
_HALF_S = 86_400 / 2  # of the life of the simulated identity's tokens
_UNREADABLE = [
    pytest.param("[" * 60_000, id="deep"),
    *("", "{}", "[]", "null", "5", "<html>", "\x00"),
    *('{"access_token": "x"}', '{"expires_on": "9999999999"}'),
    *(
        f'{{"access_token": {token}, "expires_on": "9999999999", "resource": "r", "token_type": "Bearer"}}'
        for token in ("null", "1", "[]", "{}", '""', '" "', '"a b"', '"a\\nb"', '"\\u00fc"', '"\\u0000"')
    ),
    *(f'{{"access_token": "x", "expires_on": {on}}}' for on in ('"soon"', "null", "[]", "1e999")),
]


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)


def _failure(limit_s: float = 5) -> ArrTokenError:
    with ExchangeHarness(limit_s) as harness:
        failure = failure_of(lambda: harness.identity().get_token_info(_SCOPE))
        assert failure.upstream == "identity"
    return failure


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 499])
def test_a_refusal_is_final(services: SimulatedServices, status: int) -> None:
    """A missing identity, which only an operator can assign, is reported after one call."""
    services.identity.faults.set(Fault(status=status))
    failure = _failure()
    assert isinstance(failure, IdentityNotAssigned)
    assert (failure.upstream_status, failure.kind) == (status, "status")
    assert services.identity.faults.count == 1


@pytest.mark.parametrize(
    ("status", "calls"), [(408, 1), (425, 1), (429, 1), (500, 3), (503, 3), (204, 1), (302, 1), (304, 1), (399, 1)]
)
def test_any_other_status_is_an_outage(services: SimulatedServices, status: int, calls: int) -> None:
    """Callers are told to try again; only a 5xx is retried at once."""
    services.identity.faults.set(Fault(status=status))
    failure = _failure()
    assert isinstance(failure, IdentityUnavailable)
    assert failure.upstream_status == status
    assert services.identity.faults.count == calls


@pytest.mark.parametrize("body", _UNREADABLE)
def test_a_200_without_a_usable_token_is_an_outage(services: SimulatedServices, body: str) -> None:
    """Callers are told to try again, whatever error the SDK raises."""
    services.identity.faults.set(Fault(body=body))
    failure = _failure()
    assert isinstance(failure, IdentityUnavailable)
    assert (failure.upstream_status, failure.kind) == (200, "body")
    assert services.identity.faults.count == 1


def test_an_endpoint_that_is_no_url_is_a_missing_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator learns that the endpoint is wrong; the log has no status, since there was no call."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", "nonsense")
    failure = _failure()
    assert isinstance(failure, IdentityNotAssigned)
    assert (failure.upstream_status, failure.kind) == (None, "configuration")


def test_a_refused_connection_is_an_outage(
    services: SimulatedServices, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """If an endpoint is set, an Azure CLI sign-in is never used in its place."""
    az, ran = tmp_path / "az", tmp_path / "ran"
    az.write_text(f"#!/bin/sh\n: > {ran}\n")
    az.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    services.identity.refuse()
    assert isinstance(_failure(), IdentityUnavailable)
    assert not ran.exists()


def test_a_hanging_endpoint_is_a_timeout(services: SimulatedServices) -> None:
    """A hanging endpoint is called once."""
    services.identity.faults.set(Fault(delay=60))
    assert isinstance(_failure(limit_s=0.2), UpstreamTimeout)
    assert services.identity.faults.count == 1


@pytest.mark.parametrize(
    "fault",
    [*(Fault(status=status) for status in (400, 429, 503)), Fault(body="{}"), Fault(drop="headers"), Fault(delay=60)],
    ids=repr,
)
@pytest.mark.parametrize(
    ("age_s", "serves"), [(_HALF_S + 60, True), (2 * _HALF_S - 400, True), (2 * _HALF_S - 200, False)]
)
def test_a_kept_token_serves_while_the_endpoint_fails(
    services: SimulatedServices, monkeypatch: pytest.MonkeyPatch, fault: Fault, age_s: float, serves: bool
) -> None:
    """If the renewal fails, the old token is used until five minutes before its end."""
    monkeypatch.setattr(credentials, "_FAILURES", credentials._FAILURES._replace(call_limit_s=0.2))
    kept, clock = IdentityTokens(), ShiftedClock()
    with ExchangeHarness(clock=clock) as harness:
        token = harness.identity(kept).get_token_info(_SCOPE).token
    services.identity.faults.set(fault)
    clock.shift_s = age_s
    began = time.monotonic()
    with ExchangeHarness(clock=clock) as harness:
        if serves:
            assert harness.identity(kept).get_token_info(_SCOPE).token == token
        else:
            failure_of(lambda: harness.identity(kept).get_token_info(_SCOPE))
    assert time.monotonic() - began < SOON_S
