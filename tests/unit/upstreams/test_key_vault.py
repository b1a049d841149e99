"""Reading an account key. test_key_vault_challenge.py covers the challenge."""

import json
import uuid

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.errors import AccountKeyUnavailable, ArrTokenError, KeyVaultUnavailable, UpstreamTimeout
from tests.unit.support import VAULT
from tests.unit.upstreams.harness import ExchangeHarness, failure_of, use

_NAME = "arr-account-key"


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)


def _failure(services: SimulatedServices, name: str = _NAME, limit_s: float = 5) -> ArrTokenError:
    with ExchangeHarness(limit_s) as harness:
        failure = failure_of(lambda: harness.vault(services).account_key(name))
        assert failure.upstream == harness.exchange.progress.upstream == "key-vault"
    assert services.account.keys["primary"] not in f"{failure} {failure!r} {vars(failure)}"
    return failure


def test_a_key_is_read_in_two_calls(services: SimulatedServices) -> None:
    """The first call has no token, the second has the identity's; an SDK update does not change the API version."""
    with ExchangeHarness() as harness:
        assert harness.vault(services).account_key(_NAME).reveal() == services.account.keys["primary"]
    challenge, secret = services.key_vault.faults.calls
    assert challenge.path.rstrip("/") == secret.path.rstrip("/") == f"/secrets/{_NAME}"
    assert "Authorization" not in challenge.headers
    assert secret.headers["Authorization"].startswith("Bearer ey")
    assert challenge.query["api-version"] == secret.query["api-version"] == "7.4"
    assert services.identity.faults.count == 1


@pytest.mark.parametrize("name", ["a", "0", "-", "A-1", "x" * 127])
def test_any_secret_name_can_be_read(services: SimulatedServices, name: str) -> None:
    """A secret with 1 to 127 letters, digits and hyphens is read, in any case."""
    services.key_vault.set_secret(name.lower(), "key")
    with ExchangeHarness() as harness:
        assert harness.vault(services).account_key(name).reveal() == "key"


@pytest.mark.parametrize("around", [" ", "\n", "\r\n", "\t", "\x0b\x0c", "\xa0", "\u2028"])
def test_white_space_around_a_key_is_removed(services: SimulatedServices, around: str) -> None:
    """A key that was pasted or piped with white space works."""
    services.key_vault.set_secret(_NAME, f"{around}key+/=={around}{around}")
    with ExchangeHarness() as harness:
        assert harness.vault(services).account_key(_NAME).reveal() == "key+/=="


@pytest.mark.parametrize(
    "value",
    ["", " ", "\n", "hunter2 hunter2", "hunter2\nx", "hunter2\x00", "hunt\xe9r2", "\ufeffhunter2", "hunter2\x7f"],
)
def test_a_secret_that_is_no_header_value_is_no_key(services: SimulatedServices, value: str) -> None:
    """An illegal value is refused before it can get into an exception's text."""
    services.key_vault.set_secret(_NAME, value)
    failure = _failure(services)
    assert isinstance(failure, AccountKeyUnavailable)
    assert (failure.kind, failure.upstream_status) == ("secret", 200)


@pytest.mark.parametrize(("shows", "status"), [(True, 200), (False, 403)])
def test_a_disabled_secret_is_no_key(services: SimulatedServices, shows: bool, status: int) -> None:
    """A disabled secret is skipped, whether Key Vault refuses it or returns it with enabled=false."""
    services.key_vault.shows_disabled = shows
    services.key_vault.set_secret(_NAME, "hunter2", enabled=False)
    failure = _failure(services)
    assert isinstance(failure, AccountKeyUnavailable)
    assert failure.upstream_status == status


@pytest.mark.parametrize("attributes", [{}, {"enabled": None}, {"enabled": True}, {"exp": 1}])
def test_only_a_disabled_secret_is_skipped(services: SimulatedServices, attributes: dict[str, object]) -> None:
    """Any key that Key Vault returns is used, whatever its other attributes are."""
    body = {"value": "key", "id": f"{VAULT}/secrets/{_NAME}/{uuid.uuid4().hex}", "attributes": attributes}
    services.key_vault.faults.set(Fault(body=json.dumps(body), skip=1))
    with ExchangeHarness() as harness:
        assert harness.vault(services).account_key(_NAME).reveal() == "key"


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308, 400, 402, 403, 404, 405, 409, 410, 451, 499])
@pytest.mark.parametrize("skip", [0, 1])
def test_a_refusal_is_final(services: SimulatedServices, status: int, skip: int) -> None:
    """A refusal of the challenge or the secret is not retried."""
    services.key_vault.faults.set(Fault(status=status, skip=skip))
    failure = _failure(services)
    assert isinstance(failure, AccountKeyUnavailable)
    assert failure.upstream_status == status
    assert services.key_vault.faults.count == skip + 1


@pytest.mark.parametrize(
    ("status", "calls"),
    [(408, 1), (425, 1), (429, 1), (500, 3), (502, 3), (503, 3), (504, 3), (599, 3), (201, 1), (299, 1)],
)
@pytest.mark.parametrize("skip", [0, 1])
def test_any_other_status_is_an_outage(services: SimulatedServices, status: int, calls: int, skip: int) -> None:
    """Callers are told to try again; only a 5xx is retried at once."""
    services.key_vault.faults.set(Fault(status=status, skip=skip))
    failure = _failure(services)
    assert isinstance(failure, KeyVaultUnavailable)
    assert failure.upstream_status == status
    assert services.key_vault.faults.count == skip + calls


@pytest.mark.parametrize("status", [408, 429, 503])
def test_retry_after_is_kept(services: SimulatedServices, status: int) -> None:
    """Key Vault's Retry-After becomes the cool-down, and no SDK sleeps for that time."""
    services.key_vault.faults.set(Fault(status=status, skip=1, headers={"Retry-After": "600"}))
    assert _failure(services).retry_after_s == 600
    assert services.key_vault.faults.count == 2


@pytest.mark.parametrize(
    "body",
    [pytest.param("[" * 60_000, id="deep"), pytest.param("x" * 65_537, id="long")]
    + [*("", "[]", "null", "5", "{}", "<html>", "\x00")]
    + [f'{{"value": {value}, "id": "x"}}' for value in ("null", "5", "[]", "{}", "true")],
)
def test_a_200_without_a_secret_is_an_outage(services: SimulatedServices, body: str) -> None:
    """Callers are told to try again, whatever error the SDK raises."""
    services.key_vault.faults.set(Fault(body=body, skip=1))
    failure = _failure(services)
    assert isinstance(failure, KeyVaultUnavailable)
    assert (failure.upstream_status, failure.kind) == (200, "body")


@pytest.mark.parametrize("skip", [0, 1])
def test_a_hanging_vault_is_a_timeout(services: SimulatedServices, skip: int) -> None:
    """A hanging vault is not retried."""
    services.key_vault.faults.set(Fault(delay=60, skip=skip))
    assert isinstance(_failure(services, limit_s=0.6), UpstreamTimeout)
    assert services.key_vault.faults.count == skip + 1
