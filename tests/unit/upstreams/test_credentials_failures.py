"""What fails at the managed identity's endpoint."""

from pathlib import Path

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.errors import ArrTokenError, IdentityNotAssigned, IdentityUnavailable, UpstreamTimeout
from shared.upstreams.credentials import ManagedIdentity
from tests.unit.upstreams.harness import Way, use

_SCOPE = "https://vault.azure.net/.default"
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
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))


def _failure(way: Way, identity: ManagedIdentity | None = None) -> ArrTokenError:
    identity = identity or ManagedIdentity(None)
    identity.connect(way.connections)
    with pytest.raises(ArrTokenError) as raised:
        identity.get_token_info(_SCOPE)
    assert raised.value.upstream == "identity"
    assert raised.value.__cause__ is raised.value.__context__ is None
    assert "127.0.0.1" not in f"{raised.value} {raised.value!r} {vars(raised.value)}"
    return raised.value


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 499])
def test_a_refusal_is_an_operators_matter(services: SimulatedServices, status: int) -> None:
    """No identity is assigned; it is asked once, and left alone for as long as it wants."""
    services.identity.faults.set(Fault(status=status, headers={"Retry-After": "7"}))
    with Way() as way:
        error = _failure(way)
    assert isinstance(error, IdentityNotAssigned)
    assert (error.upstream_status, error.retry_after_s, error.kind) == (status, 7, "status")
    assert services.identity.faults.count == 1


@pytest.mark.parametrize(
    ("status", "calls"), [(408, 1), (429, 1), (500, 3), (503, 3), (204, 1), (302, 1), (304, 1), (399, 1)]
)
def test_any_other_status_is_an_outage(services: SimulatedServices, status: int, calls: int) -> None:
    """It may be gone by the next try; only a 5xx is tried again at once."""
    services.identity.faults.set(Fault(status=status))
    with Way() as way:
        error = _failure(way)
    assert isinstance(error, IdentityUnavailable)
    assert error.upstream_status == status
    assert services.identity.faults.count == calls


@pytest.mark.parametrize("body", _UNREADABLE)
def test_an_answer_that_cannot_be_read_is_an_outage(services: SimulatedServices, body: str) -> None:
    """A 200 without a usable token says so in one way, whatever the SDK makes of it."""
    services.identity.faults.set(Fault(body=body))
    with Way() as way:
        error = _failure(way)
    assert isinstance(error, IdentityUnavailable)
    assert (error.upstream_status, error.kind) == (200, "body")
    assert services.identity.faults.count == 1


@pytest.mark.parametrize("settings", [{"IDENTITY_HEADER": ""}, {"IDENTITY_ENDPOINT": "nonsense"}])
def test_variables_that_make_no_endpoint(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> None:
    """Without a call there is no status, and only an operator can mend it."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with Way() as way:
        error = _failure(way)
    assert isinstance(error, IdentityNotAssigned)
    assert (error.upstream_status, error.kind) == (None, "configuration")


def test_a_refused_connection_is_an_outage(
    services: SimulatedServices, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With an endpoint, exactly the managed identity is used: an Azure CLI sign-in does not step in."""
    az, ran = tmp_path / "az", tmp_path / "ran"
    az.write_text(f"#!/bin/sh\n: > {ran}\n")
    az.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    services.identity.refuse()
    with Way() as way:
        assert isinstance(_failure(way), IdentityUnavailable)
    assert not ran.exists()


def test_a_hanging_endpoint_is_a_time_out(services: SimulatedServices) -> None:
    """It is called once, until the exchange's deadline."""
    services.identity.faults.set(Fault(delay=60))
    with Way(limit_s=0.2) as way:
        assert isinstance(_failure(way), UpstreamTimeout)
    assert services.identity.faults.count == 1


def test_a_failure_does_not_spoil_the_credential(services: SimulatedServices) -> None:
    """The same credential works once its endpoint does, in an exchange of its own."""
    identity = ManagedIdentity(None)
    services.identity.faults.set(Fault(status=500))
    with Way() as way:
        _failure(way, identity)
    services.identity.faults.clear()
    with Way() as way:
        identity.connect(way.connections)
        assert identity.get_token_info(_SCOPE).token
