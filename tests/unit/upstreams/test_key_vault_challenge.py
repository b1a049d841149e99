"""Key Vault's challenge, and a token that Key Vault refuses."""

import base64
import json
import ssl
from pathlib import Path

import pytest
import trustme
from azure.keyvault.secrets._shared import http_challenge_cache

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.errors import (
    AccountKeyUnavailable,
    ArrTokenError,
    IdentityNotAssigned,
    IdentityUnavailable,
    KeyVaultUnavailable,
)
from shared.secret import Secret
from shared.upstreams.identity_tokens import IdentityTokens
from shared.upstreams.key_vault import KeyVault
from tests.unit.upstreams.harness import ExchangeHarness, failure_of, issue, source_of, use
from tests.unit.upstreams.server import Server, http_response, resolve

_NAME = "arr-account-key"
_LOGIN = "https://login.microsoftonline.com/72f988bf-0000-4000-8000-2d7cd011db47"
_CLAIMS = base64.b64encode(b'{"access_token": {"nbf": {"essential": true, "value": "1"}}}').decode()
_INSUFFICIENT = f'Bearer realm="", error="insufficient_claims", claims="{_CLAIMS}", authorization_uri="{_LOGIN}"'


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)


def _failure(services: SimulatedServices, tokens: IdentityTokens | None = None) -> ArrTokenError:
    with ExchangeHarness() as harness:
        return failure_of(lambda: harness.vault(services, tokens).account_key(_NAME))


def _read(services: SimulatedServices, tokens: IdentityTokens) -> str:
    with ExchangeHarness() as harness:
        return harness.vault(services, tokens).account_key(_NAME).reveal()


def test_later_exchanges_need_one_call(services: SimulatedServices) -> None:
    """Challenge and identity token are kept after the first exchange, so later ones save a call."""
    tokens = IdentityTokens()
    for calls in (2, 3, 4):
        _read(services, tokens)
        assert services.key_vault.faults.count == calls
    assert services.identity.faults.count == 1


def test_a_second_key_needs_one_call(services: SimulatedServices) -> None:
    """Within an exchange there is one challenge for all keys."""
    with ExchangeHarness() as harness:
        vault = harness.vault(services)
        keys = [vault.account_key(name).reveal() for name in (_NAME, f"{_NAME}-secondary")]
    assert keys == list(services.account.keys.values())
    assert [call.status for call in services.key_vault.faults.calls] == [401, 200, 200]


def test_a_rejected_known_token_is_sent_once(services: SimulatedServices) -> None:
    """After the challenge, the second key is read with the token that the vault accepts."""
    with ExchangeHarness() as harness:
        vault = KeyVault(services.key_vault.url, harness.identity(), harness.connections, Secret("rejected"))
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
    """The identity token is requested for the resource that the vault names."""
    text = challenge.format(services.key_vault.resource)
    services.key_vault.faults.set(Fault(headers={"WWW-Authenticate": text}, times=1))
    assert _read(services, IdentityTokens()) == services.account.keys["primary"]
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
    """No token is requested or sent, and an operator has to check KEY_VAULT_URL."""
    services.key_vault.faults.set(Fault(headers={"WWW-Authenticate": challenge}))
    failure = _failure(services)
    assert isinstance(failure, AccountKeyUnavailable)
    assert (failure.kind, failure.upstream_status, failure.upstream) == ("challenge", 401, "key-vault")
    assert services.identity.faults.count == 0
    assert not any("Authorization" in call.headers for call in services.key_vault.faults.calls)


@pytest.mark.parametrize(
    "end", ["", "WWW-Authe", 'WWW-Authenticate: Bearer authorization="https://login', "MS-CV: x\r\n"]
)
def test_a_challenge_that_is_cut_off_is_a_reset(services: SimulatedServices, end: str) -> None:
    """Half of its headers don't make a vault look misconfigured: it is tried again, and then unavailable."""
    head = f"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n{end}".encode()
    context = services._authority.server_context()
    with (
        Server(lambda connected: connected.sendall(head), context=context) as vault,
        ExchangeHarness() as harness,
    ):
        client = KeyVault(f"https://{vault.address}", harness.identity(), harness.connections)
        failure = failure_of(lambda: client.account_key(_NAME))
        assert len(vault.requests) == 3
    assert (type(failure), failure.kind, failure.upstream_status) == (KeyVaultUnavailable, "connection", None)
    assert services.identity.faults.count == 0


@pytest.mark.parametrize("rejected", [False, True], ids=["accepted", "challenged"])
@pytest.mark.parametrize("suffix", ["vault.azure.net", "vault.azure.cn", "vault.usgovcloudapi.net"])
def test_a_known_vault_gets_the_token_at_once(
    services: SimulatedServices, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, suffix: str, rejected: bool
) -> None:
    """A known vault saves the challenge; if it refuses the token, its challenge is still used."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(f"hunter2.{suffix}").configure_cert(context)
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(Path(services.environment()["REQUESTS_CA_BUNDLE"]).read_bytes() + authority.cert_pem.bytes())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    url = f"https://hunter2.{suffix}"
    challenge = f'WWW-Authenticate: Bearer authorization="{_LOGIN}", resource="https://{suffix}"'
    key = services.account.keys["primary"]
    secret = http_response(200, json.dumps({"value": key, "id": f"{url}/secrets/{_NAME}/{'0' * 32}"}).encode())
    responses = [http_response(401, b"", challenge), secret] if rejected else [secret]
    with Server(*responses, context=context) as vault:
        resolve(monkeypatch, vault.address, name=f"hunter2.{suffix}")
        assert issue(source_of(services, KEY_VAULT_URL=url)).value
        assert len(vault.requests) == len(responses)
        assert all("Authorization: Bearer ey" in request for request in vault.requests)
    (call,) = services.identity.faults.calls
    assert call.query["resource"] == f"https://{suffix}"


@pytest.mark.parametrize(
    "host", ["vault.azure.net", "hunter2.vault.azure.net.example.invalid", "hunter2vault.azure.net"]
)
def test_any_other_vault_gets_no_token_without_a_challenge(
    services: SimulatedServices, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """A name that only resembles a vault's gets no token."""
    resolve(monkeypatch, name=host)
    source = source_of(services, KEY_VAULT_URL=f"https://{host}")
    assert isinstance(failure_of(lambda: issue(source)), KeyVaultUnavailable)
    assert services.identity.faults.count == 0


def test_a_later_challenge_has_to_fit_too(services: SimulatedServices) -> None:
    """A vault that was trusted before gets no token for another resource."""
    tokens = IdentityTokens()
    _read(services, tokens)
    challenge = f'Bearer authorization="{_LOGIN}", resource="https://hunter2.invalid"'
    services.key_vault.faults.set(Fault(status=401, headers={"WWW-Authenticate": challenge}))
    assert isinstance(_failure(services, tokens), AccountKeyUnavailable)
    assert services.identity.faults.count == 1


def test_a_failure_of_the_identity_is_the_identitys(services: SimulatedServices) -> None:
    """An identity's failure keeps its code inside Key Vault's client, also with a known challenge."""
    for _ in range(2):
        services.identity.faults.set(Fault(status=404))
        failure = _failure(services)
        assert isinstance(failure, IdentityNotAssigned)
        assert (failure.upstream, failure.upstream_status) == ("identity", 404)
        services.identity.faults.set(Fault(body="hunter2"))
        assert isinstance(_failure(services), IdentityUnavailable)
    assert [call.status for call in services.key_vault.faults.calls] == [401]


@pytest.mark.parametrize("known", [False, True], ids=["first exchange", "later exchange"])
def test_a_refused_token_is_final(services: SimulatedServices, known: bool) -> None:
    """A 401 to a correctly requested token is not retried, since only an operator can change it."""
    tokens = IdentityTokens()
    if known:
        _read(services, tokens)
    before = services.key_vault.faults.count
    services.key_vault.faults.set(Fault(status=401, skip=0 if known else 1))
    failure = _failure(services, tokens)
    assert isinstance(failure, AccountKeyUnavailable)
    assert (failure.kind, failure.upstream_status) == ("challenge", 401)
    assert services.key_vault.faults.count - before <= 3


@pytest.mark.parametrize("known", [False, True], ids=["first exchange", "later exchange"])
@pytest.mark.parametrize("times", [1, 9])
def test_a_claims_challenge_gets_one_more_token(services: SimulatedServices, known: bool, times: int) -> None:
    """With continuous access evaluation, one new token is tried; a second refusal is final."""
    tokens = IdentityTokens()
    if known:
        _read(services, tokens)
    headers = {"WWW-Authenticate": _INSUFFICIENT}
    services.key_vault.faults.set(Fault(status=401, headers=headers, skip=0 if known else 1, times=times))
    if times == 1:
        assert _read(services, tokens) == services.account.keys["primary"]
    else:
        assert isinstance(_failure(services, tokens), AccountKeyUnavailable)
    assert services.identity.faults.count == 2
    assert http_challenge_cache.get_challenge_for_url(services.key_vault.url)
