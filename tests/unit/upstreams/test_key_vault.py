"""Reading an account key. The challenge has tests of its own."""

import json
import uuid

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.errors import AccountKeyUnavailable, ArrTokenError, KeyVaultUnavailable, UpstreamTimeout
from tests.unit.support import VAULT
from tests.unit.upstreams.harness import Way, use, vault_of

_NAME = "arr-account-key"


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))


def _failure(services: SimulatedServices, name: str = _NAME, limit_s: float = 5) -> ArrTokenError:
    with Way(limit_s) as way, pytest.raises(ArrTokenError) as raised:
        vault_of(services, way).account_key(name)
    error = raised.value
    assert error.upstream == way.exchange.upstream == "key-vault"
    assert error.__cause__ is error.__context__ is None
    text = f"{error} {error!r} {vars(error)}"
    assert not any(secret in text for secret in (services.account.keys["primary"], "127.0.0.1", "hunter2"))
    return error


def test_a_key_is_read_in_two_calls(services: SimulatedServices) -> None:
    """Key Vault is asked for the latest version, without a token first and then with the identity's."""
    with Way() as way:
        assert vault_of(services, way).account_key(_NAME).reveal() == services.account.keys["primary"]
    challenge, secret = services.key_vault.faults.calls
    assert challenge.path.rstrip("/") == secret.path.rstrip("/") == f"/secrets/{_NAME}"
    assert "Authorization" not in challenge.headers
    assert secret.headers["Authorization"].startswith("Bearer ey")
    assert services.identity.faults.count == 1


@pytest.mark.parametrize("name", ["a", "0", "-", "A-1", "x" * 127])
def test_any_secret_name_can_be_asked_for(services: SimulatedServices, name: str) -> None:
    """Names are 1 to 127 letters, digits and hyphens; Key Vault does not tell case."""
    services.key_vault.set_secret(name.lower(), "key")
    with Way() as way:
        assert vault_of(services, way).account_key(name).reveal() == "key"


@pytest.mark.parametrize("around", [" ", "\n", "\r\n", "\t", "\x0b\x0c", "\xa0", "\u2028"])
def test_white_space_around_a_key_is_cut_off(services: SimulatedServices, around: str) -> None:
    """A key that was pasted or piped with more than itself works."""
    services.key_vault.set_secret(_NAME, f"{around}key+/=={around}{around}")
    with Way() as way:
        assert vault_of(services, way).account_key(_NAME).reveal() == "key+/=="


@pytest.mark.parametrize(
    "value",
    ["", " ", "\n", "hunter2 hunter2", "hunter2\nx", "hunter2\x00", "hunt\xe9r2", "\ufeffhunter2", "hunter2\x7f"],
)
def test_a_secret_that_is_no_header_value_is_no_key(services: SimulatedServices, value: str) -> None:
    """It is refused before anything could put it into an exception's text."""
    services.key_vault.set_secret(_NAME, value)
    error = _failure(services)
    assert isinstance(error, AccountKeyUnavailable)
    assert (error.kind, error.upstream_status) == ("secret", 200)


@pytest.mark.parametrize(("shows", "status"), [(True, 200), (False, 403)])
def test_a_disabled_secret_is_no_key(services: SimulatedServices, shows: bool, status: int) -> None:
    """However Key Vault says it."""
    services.key_vault.shows_disabled = shows
    services.key_vault.set_secret(_NAME, "hunter2", enabled=False)
    error = _failure(services)
    assert isinstance(error, AccountKeyUnavailable)
    assert error.upstream_status == status


@pytest.mark.parametrize("attributes", [{}, {"enabled": None}, {"enabled": True}, {"exp": 1}])
def test_only_a_disabled_secret_is_passed_over(services: SimulatedServices, attributes: dict[str, object]) -> None:
    """Whatever else its attributes say or don't, a key that Key Vault gives out is tried."""
    body = {"value": "key", "id": f"{VAULT}/secrets/{_NAME}/{uuid.uuid4().hex}", "attributes": attributes}
    services.key_vault.faults.set(Fault(body=json.dumps(body), skip=1))
    with Way() as way:
        assert vault_of(services, way).account_key(_NAME).reveal() == "key"


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308, 400, 402, 403, 404, 405, 409, 410, 451, 499])
@pytest.mark.parametrize("skip", [0, 1])
def test_a_refusal_is_an_operators_matter(services: SimulatedServices, status: int, skip: int) -> None:
    """Told at once, whether it comes in place of the challenge or of the secret; Retry-After becomes the cool-down."""
    services.key_vault.faults.set(Fault(status=status, skip=skip, headers={"Retry-After": "7"}))
    error = _failure(services)
    assert isinstance(error, AccountKeyUnavailable)
    assert (error.upstream_status, error.retry_after_s) == (status, 7)
    assert services.key_vault.faults.count == skip + 1


@pytest.mark.parametrize(
    ("status", "calls"), [(408, 1), (429, 1), (500, 3), (502, 3), (503, 3), (504, 3), (599, 3), (201, 1), (299, 1)]
)
@pytest.mark.parametrize("skip", [0, 1])
def test_any_other_status_is_an_outage(services: SimulatedServices, status: int, calls: int, skip: int) -> None:
    """It may be gone by the next try; only a 5xx is tried again at once."""
    services.key_vault.faults.set(Fault(status=status, skip=skip))
    error = _failure(services)
    assert isinstance(error, KeyVaultUnavailable)
    assert error.upstream_status == status
    assert services.key_vault.faults.count == skip + calls


@pytest.mark.parametrize("status", [408, 429, 503])
def test_an_outage_tells_its_retry_after(services: SimulatedServices, status: int) -> None:
    """It is not slept through, by no SDK, but told."""
    services.key_vault.faults.set(Fault(status=status, skip=1, headers={"Retry-After": "600"}))
    assert _failure(services).retry_after_s == 600
    assert services.key_vault.faults.count == 2


@pytest.mark.parametrize(
    "body",
    [pytest.param("[" * 60_000, id="deep"), pytest.param("x" * 65_537, id="long")]
    + [*("", "[]", "null", "5", "{}", "<html>", "\x00")]
    + [f'{{"value": {value}, "id": "x"}}' for value in ("null", "5", "[]", "{}", "true")],
)
def test_an_answer_that_cannot_be_read_is_an_outage(services: SimulatedServices, body: str) -> None:
    """A 200 without a secret in it says so in one way, whatever the SDK makes of it."""
    services.key_vault.faults.set(Fault(body=body, skip=1))
    error = _failure(services)
    assert isinstance(error, KeyVaultUnavailable)
    assert (error.upstream_status, error.kind) == (200, "body")


@pytest.mark.parametrize("skip", [0, 1])
def test_a_hanging_vault_is_a_time_out(services: SimulatedServices, skip: int) -> None:
    """It is not tried again."""
    services.key_vault.faults.set(Fault(delay=60, skip=skip))
    assert isinstance(_failure(services, limit_s=0.25), UpstreamTimeout)
    assert services.key_vault.faults.count == skip + 1
