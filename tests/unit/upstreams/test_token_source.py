"""The credential and the keys that are used, their order, and their log fields."""

import os
import threading
from pathlib import Path

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.clock import system_clock
from shared.errors import (
    AccountKeyRejected,
    AccountKeyUnavailable,
    ArrTokenError,
    IdentityNotAssigned,
    IdentityRejected,
    StsRejectedRequest,
    StsThrottled,
    StsUnavailable,
)
from shared.tokens.exchange import Exchange
from shared.upstreams.token_source import TokenSource
from tests import function_threads
from tests.unit.upstreams.harness import failure_of, issue, source_of, use
from tests.unit.upstreams.server import PATIENCE_S

_PRIMARY, _SECONDARY = "arr-account-key", "arr-account-key-secondary"
_BOTH = f"{_PRIMARY},{_SECONDARY}"


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)


def _failure(source: TokenSource, exchange: Exchange | None = None) -> ArrTokenError:
    return failure_of(lambda: issue(source, exchange))


def _keys_used(services: SimulatedServices) -> list[str]:
    """Return the names of the keys that the STS has seen."""
    names = {key: name for name, key in services.account.keys.items()}
    return [names[call.headers["Authorization"].partition(":")[2]] for call in services.sts.faults.calls]


@pytest.mark.parametrize("error", [RuntimeError, MemoryError])
def test_no_thread_is_needed_for_the_imports(
    services: SimulatedServices, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """On a host that allows no further thread, the first exchange imports the SDKs itself."""

    def fail(_: threading.Thread) -> None:
        raise error

    source = source_of(services)
    monkeypatch.setattr("shared.upstreams.token_source.threading.Thread.start", fail)
    assert issue(source).value == services.sts.issued[-1]


def test_a_failed_import_is_reported_by_the_exchange_only(
    services: SimulatedServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that imports beside the exchange prints no traceback: pytest would fail for one."""
    imported = threading.Event()

    def fail(_: str) -> None:
        imported.set()
        raise ImportError("hunter2")

    monkeypatch.setattr("shared.upstreams.token_source.importlib.import_module", fail)
    assert issue(source_of(services)).value == services.sts.issued[-1]
    assert imported.wait(PATIENCE_S)
    assert function_threads.end(within_s=PATIENCE_S)


@pytest.mark.parametrize(("names", "used"), [(_BOTH, "primary"), (f"{_SECONDARY},{_PRIMARY}", "secondary")])
def test_the_first_key_that_works_is_the_only_one(services: SimulatedServices, names: str, used: str) -> None:
    """After a key that works, no other key is read or sent."""
    assert issue(source_of(services, ARR_ACCOUNT_KEY_SECRETS=names)).value == services.sts.issued[-1]
    assert _keys_used(services) == [used]
    assert services.key_vault.faults.count == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_followed_by_the_next(services: SimulatedServices, status: int) -> None:
    """The token comes from the next key, with the MS-CV of the call that issued it."""
    services.sts.faults.set(Fault(status=status, times=1))
    token = issue(source_of(services, ARR_ACCOUNT_KEY_SECRETS=_BOTH))
    assert _keys_used(services) == ["primary", "secondary"]
    assert token.ms_cv == services.sts.faults.calls[1].response_headers["MS-CV"]


@pytest.mark.parametrize("status", [400, 403, 404])
def test_an_unusable_secret_is_followed_by_the_next(services: SimulatedServices, status: int) -> None:
    """If a secret is unusable for a reason that is not transient, the next key is used."""
    services.key_vault.faults.set(Fault(status=status, skip=1, times=1))
    issue(source_of(services, ARR_ACCOUNT_KEY_SECRETS=_BOTH))
    assert _keys_used(services) == ["secondary"]


@pytest.mark.parametrize(
    ("names", "key", "skipped"),
    [
        pytest.param(_PRIMARY, "-", ["sts:401"], id="one, refused"),
        pytest.param(_SECONDARY, "1/1", [], id="one that works"),
        pytest.param(f"{_SECONDARY},{_PRIMARY}", "1/2", [], id="the first works"),
        pytest.param(_BOTH, "2/2", ["sts:401"], id="the first is refused"),
        pytest.param(f"none,{_SECONDARY}", "2/2", ["key-vault:404"], id="the first is missing"),
        pytest.param(f"empty,{_SECONDARY}", "2/2", ["key-vault:secret"], id="the first is empty"),
        pytest.param(f"none,{_PRIMARY},{_SECONDARY}", "3/3", ["key-vault:404", "sts:401"], id="two are skipped"),
        pytest.param(f"{_PRIMARY},none", "-", ["sts:401", "key-vault:404"], id="none works"),
    ],
)
def test_the_log_has_the_used_key_and_the_skipped_ones(
    services: SimulatedServices, names: str, key: str, skipped: list[str]
) -> None:
    """An operator sees a failed rotation before the last valid key is gone."""
    services.sts.revoke("primary")
    services.key_vault.set_secret("empty", " ")
    exchange = Exchange("request", PATIENCE_S, system_clock)
    source = source_of(services, ARR_ACCOUNT_KEY_SECRETS=names)
    if key == "-":
        _failure(source, exchange)
    else:
        issue(source, exchange)
    assert (exchange.progress.key, exchange.progress.skipped) == (key, skipped)


@pytest.mark.parametrize(
    ("status", "error", "calls"),
    [(400, StsRejectedRequest, 1), (404, StsRejectedRequest, 1), (429, StsThrottled, 1), (500, StsUnavailable, 3)],
)
def test_a_failure_that_is_not_about_the_key_ends_the_exchange(
    services: SimulatedServices, status: int, error: type[ArrTokenError], calls: int
) -> None:
    """A failure that the next key would have too ends the exchange."""
    services.sts.faults.set(Fault(status=status))
    assert isinstance(_failure(source_of(services, ARR_ACCOUNT_KEY_SECRETS=_BOTH)), error)
    assert _keys_used(services) == ["primary"] * calls


@pytest.mark.parametrize("fault", [Fault(status=429), Fault(status=503), Fault(drop="before"), Fault(body="rubbish")])
def test_an_outage_of_key_vault_ends_the_exchange(services: SimulatedServices, fault: Fault) -> None:
    """In an outage of Key Vault no other key replaces the first, which may be valid."""
    services.key_vault.faults.set(Fault(**{**vars(fault), "skip": 1, "times": 3}))
    assert _failure(source_of(services, ARR_ACCOUNT_KEY_SECRETS=_BOTH)).code == "key-vault-unavailable"
    assert services.sts.faults.calls == []


def test_all_keys_share_the_retries_of_the_sts(services: SimulatedServices) -> None:
    """The STS gets at most two calls more than there are keys."""
    services.sts.revoke("primary")
    services.sts.revoke("secondary")
    names = f"{_BOTH},{_BOTH}"
    services.sts.faults.set(Fault(drop="before", times=2, skip=1))
    assert isinstance(_failure(source_of(services, ARR_ACCOUNT_KEY_SECRETS=names)), AccountKeyRejected)
    assert _keys_used(services) == ["primary", "secondary", "secondary", "secondary", "primary", "secondary"]


@pytest.mark.parametrize(
    ("names", "error", "call"),
    [
        pytest.param("none", AccountKeyUnavailable, None, id="missing"),
        pytest.param("none,disabled", AccountKeyUnavailable, None, id="missing, disabled"),
        pytest.param(_PRIMARY, AccountKeyRejected, 0, id="refused"),
        pytest.param(f"{_PRIMARY},none", AccountKeyRejected, 0, id="refused, missing"),
        pytest.param(f"none,{_PRIMARY}", AccountKeyRejected, 0, id="missing, refused"),
        pytest.param(f"{_BOTH},none", AccountKeyRejected, 1, id="refused, refused, missing"),
    ],
)
def test_if_no_key_works_a_refusal_outweighs_a_missing_secret(
    services: SimulatedServices, names: str, error: type[ArrTokenError], call: int | None
) -> None:
    """The failure has the MS-CV of the last call that refused a key."""
    services.sts.revoke("primary")
    services.sts.revoke("secondary")
    services.key_vault.set_secret("disabled", "key", enabled=False)
    failure = _failure(source_of(services, ARR_ACCOUNT_KEY_SECRETS=names))
    assert type(failure) is error
    ms_cvs = [call.response_headers["MS-CV"] for call in services.sts.faults.calls]
    assert failure.ms_cv == (None if call is None else ms_cvs[call])


def test_a_refused_identity_gets_no_key(services: SimulatedServices) -> None:
    """After Key Vault's 401 to the identity, no other secret is tried."""
    services.key_vault.faults.set(Fault(status=401))
    assert isinstance(_failure(source_of(services, ARR_ACCOUNT_KEY_SECRETS=_BOTH)), AccountKeyUnavailable)
    assert services.sts.faults.calls == []


def test_keyless_needs_no_key_vault(services: SimulatedServices) -> None:
    """The identity's own token, for the STS's scope, goes to the STS; the log has no key."""
    exchange = Exchange("request", PATIENCE_S, system_clock)
    issue(source_of(services, ARR_CREDENTIAL="managed-identity", KEY_VAULT_URL=""), exchange)
    assert services.identity.faults.calls[0].query["resource"] == "https://sts.mixedreality.azure.com/"
    assert services.key_vault.faults.calls == []
    assert (exchange.progress.key, exchange.progress.skipped) == ("-", [])


def test_half_an_identity_endpoint_is_a_missing_identity(services: SimulatedServices) -> None:
    """Without IDENTITY_HEADER nothing is called, and no other credential is used."""
    failure = _failure(source_of(services, IDENTITY_HEADER=""))
    assert isinstance(failure, IdentityNotAssigned)
    assert (failure.upstream, failure.upstream_status, failure.kind) == ("identity", None, "configuration")
    assert not any(service.faults.calls for service in services.by_name().values())


@pytest.mark.skipif(os.name == "nt", reason="Windows runs no shell scripts")
def test_without_an_endpoint_the_azure_cli_is_used(
    services: SimulatedServices, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without an identity endpoint, a developer's sign-in gives the token."""
    (tmp_path / "az").write_text('#!/bin/sh\necho \'{"accessToken": "from-az", "expires_on": 4102444800}\'\n')
    (tmp_path / "az").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    source = source_of(services, ARR_CREDENTIAL="managed-identity", IDENTITY_ENDPOINT="")
    assert isinstance(_failure(source), IdentityRejected)
    assert services.sts.faults.calls[0].headers["Authorization"] == "Bearer from-az"
    assert services.identity.faults.calls == []
