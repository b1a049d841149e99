"""How Key Vault asks for a token, and what a token that it refuses leads to."""

import base64

import pytest
from azure.keyvault.secrets._shared import http_challenge_cache

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.errors import AccountKeyUnavailable, ArrTokenError, IdentityNotAssigned, IdentityUnavailable
from shared.upstreams.credentials import ManagedIdentity
from tests.unit.upstreams.harness import Way, use, vault_of

_NAME = "arr-account-key"
_LOGIN = "https://login.microsoftonline.com/72f988bf-0000-4000-8000-2d7cd011db47"
_CLAIMS = base64.b64encode(b'{"access_token": {"nbf": {"essential": true, "value": "1"}}}').decode()
_INSUFFICIENT = f'Bearer realm="", error="insufficient_claims", claims="{_CLAIMS}", authorization_uri="{_LOGIN}"'


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))


def _failure(services: SimulatedServices, identity: ManagedIdentity | None = None) -> ArrTokenError:
    with Way() as way, pytest.raises(ArrTokenError) as raised:
        vault_of(services, way, identity).account_key(_NAME)
    assert raised.value.__cause__ is raised.value.__context__ is None
    assert "hunter2" not in f"{raised.value} {raised.value!r} {vars(raised.value)}"
    return raised.value


def _read(services: SimulatedServices, identity: ManagedIdentity) -> str:
    with Way() as way:
        return vault_of(services, way, identity).account_key(_NAME).reveal()


def test_later_exchanges_need_one_call(services: SimulatedServices) -> None:
    """The challenge of the first exchange holds for the process, and the token for the credential."""
    identity = ManagedIdentity(None)
    for calls in (2, 3, 4):
        _read(services, identity)
        assert services.key_vault.faults.count == calls
    assert services.identity.faults.count == 1


def test_a_second_key_needs_one_call(services: SimulatedServices) -> None:
    """Within an exchange, too, the vault is asked for its challenge once."""
    with Way() as way:
        vault = vault_of(services, way)
        keys = [vault.account_key(name).reveal() for name in (_NAME, f"{_NAME}-secondary")]
    assert keys == list(services.account.keys.values())
    assert [call.status for call in services.key_vault.faults.calls] == [401, 200, 200]


@pytest.mark.parametrize(
    "challenge",
    [
        pytest.param(f'Bearer authorization="{_LOGIN}", resource="{{0}}"', id="as Key Vault sends it"),
        pytest.param(f'Bearer authorization_uri="{_LOGIN}", resource="{{0}}"', id="authorization_uri"),
        pytest.param(f'Bearer authorization="{_LOGIN}", scope="{{0}}/.default"', id="scope"),
        pytest.param(f'Bearer   authorization="{_LOGIN}" ,resource="{{0}}"', id="white space"),
        pytest.param(f"Bearer authorization={_LOGIN}, resource={{0}}", id="no quotes"),
    ],
)
def test_challenges_that_fit(services: SimulatedServices, challenge: str) -> None:
    """The token is asked for the resource that the vault names."""
    text = challenge.format(services.key_vault.resource)
    services.key_vault.faults.set(Fault(headers={"WWW-Authenticate": text}, times=1))
    assert _read(services, ManagedIdentity(None)) == services.account.keys["primary"]
    assert services.identity.faults.calls[0].query["resource"] == services.key_vault.resource


@pytest.mark.parametrize(
    "challenge",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("Bearer", id="no parameters"),
        pytest.param('Basic realm="hunter2"', id="another scheme with parameters"),
        pytest.param("hunter2 hunter2 hunter2", id="rubbish"),
        pytest.param('Bearer authorization="hunter2"', id="no resource"),
        pytest.param(f'Bearer authorization="{_LOGIN}", resource="https://hunter2.invalid"', id="another's resource"),
        pytest.param(f'Bearer authorization="{_LOGIN}", scope="https://hunter2.net/.default"', id="another's scope"),
        pytest.param('Bearer resource="https://0.0.1:1"', id="no authority"),
        pytest.param("Bearer " + "a=b, " * 5000, id="long"),
    ],
)
def test_challenges_that_do_not_fit(services: SimulatedServices, challenge: str | None) -> None:
    """No token is asked for, let alone sent, and an operator has to look at KEY_VAULT_URL."""
    services.key_vault.faults.set(Fault(headers={"WWW-Authenticate": challenge}))
    error = _failure(services)
    assert isinstance(error, AccountKeyUnavailable)
    assert (error.kind, error.upstream_status, error.upstream) == ("challenge", 401, "key-vault")
    assert services.identity.faults.count == 0
    assert not any("Authorization" in call.headers for call in services.key_vault.faults.calls)


def test_a_later_challenge_has_to_fit_too(services: SimulatedServices) -> None:
    """A vault that was trusted once gets no token for another's resource."""
    identity = ManagedIdentity(None)
    _read(services, identity)
    challenge = f'Bearer authorization="{_LOGIN}", resource="https://hunter2.invalid"'
    services.key_vault.faults.set(Fault(status=401, headers={"WWW-Authenticate": challenge}))
    assert isinstance(_failure(services, identity), AccountKeyUnavailable)
    assert services.identity.faults.count == 1


def test_a_failure_of_the_identity_is_told_as_such(services: SimulatedServices) -> None:
    """It passes through Key Vault's client unchanged, also where that knows the challenge already."""
    for _ in range(2):
        services.identity.faults.set(Fault(status=404))
        error = _failure(services)
        assert isinstance(error, IdentityNotAssigned)
        assert (error.upstream, error.upstream_status) == ("identity", 404)
        services.identity.faults.set(Fault(body="hunter2"))
        assert isinstance(_failure(services), IdentityUnavailable)
    assert [call.status for call in services.key_vault.faults.calls] == [401]


@pytest.mark.parametrize("known", [False, True], ids=["first exchange", "later exchange"])
def test_a_refused_token_is_an_operators_matter(services: SimulatedServices, known: bool) -> None:
    """A 401 to the token that was asked for names the challenge as what failed."""
    identity = ManagedIdentity(None)
    if known:
        _read(services, identity)
    before = services.key_vault.faults.count
    services.key_vault.faults.set(Fault(status=401, skip=0 if known else 1))
    error = _failure(services, identity)
    assert isinstance(error, AccountKeyUnavailable)
    assert (error.kind, error.upstream_status) == ("challenge", 401)
    assert services.key_vault.faults.count - before <= 3


@pytest.mark.parametrize("known", [False, True], ids=["first exchange", "later exchange"])
@pytest.mark.parametrize("times", [1, 9])
def test_a_claims_challenge_gets_one_more_token(services: SimulatedServices, known: bool, times: int) -> None:
    """Continuous access evaluation: what a new token does not mend is an operator's matter."""
    identity = ManagedIdentity(None)
    if known:
        _read(services, identity)
    headers = {"WWW-Authenticate": _INSUFFICIENT}
    services.key_vault.faults.set(Fault(status=401, headers=headers, skip=0 if known else 1, times=times))
    if times == 1:
        assert _read(services, identity) == services.account.keys["primary"]
    else:
        assert isinstance(_failure(services, identity), AccountKeyUnavailable)
    assert services.identity.faults.count == 2
    assert http_challenge_cache.get_challenge_for_url(services.key_vault.url)
