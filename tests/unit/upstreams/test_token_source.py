"""Which credential and which key are used, in which order."""

import os
from pathlib import Path

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.errors import (
    AccountKeyRejected,
    AccountKeyUnavailable,
    ArrTokenError,
    IdentityRejected,
    StsRejectedRequest,
    StsThrottled,
    StsUnavailable,
)
from shared.upstreams.token_source import TokenSource
from tests.unit.upstreams.harness import broker_of, issue, use

_PRIMARY, _SECONDARY = "arr-account-key", "arr-account-key-secondary"
_BOTH = f"{_PRIMARY},{_SECONDARY}"


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))


def _failure(broker: TokenSource) -> ArrTokenError:
    with pytest.raises(ArrTokenError) as raised:
        issue(broker)
    return raised.value


def _keys_used(services: SimulatedServices) -> list[str]:
    """Return the keys that the STS has seen, by name."""
    names = {key: name for name, key in services.account.keys.items()}
    return [names[call.headers["Authorization"].partition(":")[2]] for call in services.sts.faults.calls]


@pytest.mark.parametrize(("names", "used"), [(_BOTH, "primary"), (f"{_SECONDARY},{_PRIMARY}", "secondary")])
def test_the_first_key_that_works_is_the_only_one(services: SimulatedServices, names: str, used: str) -> None:
    """No other is read, nor sent."""
    assert issue(broker_of(services, ARR_ACCOUNT_KEY_SECRETS=names)).value == services.sts.issued[-1]
    assert _keys_used(services) == [used]
    assert services.key_vault.faults.count == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_followed_by_the_next(services: SimulatedServices, status: int) -> None:
    """The token comes with the MS-CV of the call that issued it."""
    services.sts.faults.set(Fault(status=status, times=1))
    token = issue(broker_of(services, ARR_ACCOUNT_KEY_SECRETS=_BOTH))
    assert _keys_used(services) == ["primary", "secondary"]
    assert token.ms_cv == services.sts.faults.calls[1].response_headers["MS-CV"]


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_secret_that_cannot_be_had_is_followed_by_the_next(services: SimulatedServices, status: int) -> None:
    """Whatever the reason, as long as it is not transient."""
    services.key_vault.faults.set(Fault(status=status, skip=1, times=1))
    issue(broker_of(services, ARR_ACCOUNT_KEY_SECRETS=_BOTH))
    assert _keys_used(services) == ["secondary"]


@pytest.mark.parametrize(
    ("status", "error", "calls"),
    [(400, StsRejectedRequest, 1), (404, StsRejectedRequest, 1), (429, StsThrottled, 1), (500, StsUnavailable, 3)],
)
def test_what_is_not_about_the_key_ends_the_exchange(
    services: SimulatedServices, status: int, error: type[ArrTokenError], calls: int
) -> None:
    """The next key would fare no better."""
    services.sts.faults.set(Fault(status=status))
    assert isinstance(_failure(broker_of(services, ARR_ACCOUNT_KEY_SECRETS=_BOTH)), error)
    assert _keys_used(services) == ["primary"] * calls


@pytest.mark.parametrize("fault", [Fault(status=429), Fault(status=503), Fault(drop="before"), Fault(body="rubbish")])
def test_an_outage_of_key_vault_ends_the_exchange(services: SimulatedServices, fault: Fault) -> None:
    """The first key may be all right; no later one is used in its place."""
    services.key_vault.faults.set(Fault(**{**vars(fault), "skip": 1, "times": 3}))
    assert _failure(broker_of(services, ARR_ACCOUNT_KEY_SECRETS=_BOTH)).code == "key-vault-unavailable"
    assert services.sts.faults.calls == []


def test_all_keys_share_the_retries_of_the_sts(services: SimulatedServices) -> None:
    """An STS that fails now and then gets at most two calls more than there are keys."""
    services.sts.revoke("primary")
    services.sts.revoke("secondary")
    names = f"{_BOTH},{_BOTH}"
    services.sts.faults.set(Fault(drop="before", times=2, skip=1))
    assert isinstance(_failure(broker_of(services, ARR_ACCOUNT_KEY_SECRETS=names)), AccountKeyRejected)
    assert _keys_used(services) == ["primary", "secondary", "secondary", "secondary", "primary", "secondary"]


@pytest.mark.parametrize(
    ("names", "error", "told_by"),
    [
        pytest.param("none", AccountKeyUnavailable, None, id="missing"),
        pytest.param("none,disabled", AccountKeyUnavailable, None, id="missing, disabled"),
        pytest.param(_PRIMARY, AccountKeyRejected, 0, id="refused"),
        pytest.param(f"{_PRIMARY},none", AccountKeyRejected, 0, id="refused, missing"),
        pytest.param(f"none,{_PRIMARY}", AccountKeyRejected, 0, id="missing, refused"),
        pytest.param(f"{_BOTH},none", AccountKeyRejected, 1, id="refused, refused, missing"),
    ],
)
def test_if_no_key_works_a_refusal_outweighs_what_is_missing(
    services: SimulatedServices, names: str, error: type[ArrTokenError], told_by: int | None
) -> None:
    """The failure has the MS-CV of the last call that refused a key."""
    services.sts.revoke("primary")
    services.sts.revoke("secondary")
    services.key_vault.set_secret("disabled", "key", enabled=False)
    failure = _failure(broker_of(services, ARR_ACCOUNT_KEY_SECRETS=names))
    assert type(failure) is error
    ms_cvs = [call.response_headers["MS-CV"] for call in services.sts.faults.calls]
    assert failure.ms_cv == (None if told_by is None else ms_cvs[told_by])


def test_a_key_never_gets_around_a_refused_identity(services: SimulatedServices) -> None:
    """Key Vault's 401 holds for all secrets."""
    services.key_vault.faults.set(Fault(status=401))
    assert isinstance(_failure(broker_of(services, ARR_ACCOUNT_KEY_SECRETS=_BOTH)), AccountKeyUnavailable)
    assert services.sts.faults.calls == []


def test_keyless_needs_no_key_vault(services: SimulatedServices) -> None:
    """The identity's own token goes to the STS, for its scope with both slashes."""
    issue(broker_of(services, ARR_CREDENTIAL="managed-identity", KEY_VAULT_URL=""))
    assert services.identity.faults.calls[0].query["resource"] == "https://sts.mixedreality.azure.com/"
    assert services.key_vault.faults.calls == []


@pytest.mark.skipif(os.name == "nt", reason="Windows runs no shell scripts")
def test_without_an_endpoint_it_is_the_cli(
    services: SimulatedServices, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The developer's sign-in takes the managed identity's place, and none of its calls."""
    (tmp_path / "az").write_text('#!/bin/sh\necho \'{"accessToken": "from-az", "expires_on": 4102444800}\'\n')
    (tmp_path / "az").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    failure = _failure(broker_of(services, ARR_CREDENTIAL="managed-identity", IDENTITY_ENDPOINT=""))
    assert isinstance(failure, IdentityRejected)
    assert services.sts.faults.calls[0].headers["Authorization"] == "Bearer from-az"
    assert services.identity.faults.calls == []
