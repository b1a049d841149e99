"""The managed identity and its cached tokens. Failures and the Azure CLI's sign-in have their own files."""

import pytest

from local.services.simulated_services import SimulatedServices
from shared.upstreams.identity_tokens import IdentityTokens
from tests.unit.upstreams.harness import ExchangeHarness, ShiftedClock, use
from tests.unit.upstreams.server import Server, http_response

_SCOPE = "https://vault.azure.net/.default"
_CLIENT_ID = "5d4b1d9c-8a0e-4b6e-9c51-1c3a5a0e7a11"
_DAY_S = 86_400  # the lifetime of the simulated identity's tokens
_MARGIN_S = 300


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)


def _tokens(kept: IdentityTokens, *scopes: str, clock: ShiftedClock | None = None) -> list[str]:
    """Return the token that each of as many exchanges gets."""
    tokens = []
    for scope in scopes:
        with ExchangeHarness(clock=clock or ShiftedClock()) as harness:
            tokens.append(harness.identity(kept).get_token_info(scope).token)
    return tokens


@pytest.mark.parametrize(
    ("scope", "resource"),
    [
        (_SCOPE, "https://vault.azure.net"),
        ("https://sts.mixedreality.azure.com//.default", "https://sts.mixedreality.azure.com/"),
    ],
)
@pytest.mark.parametrize("client_id", [None, _CLIENT_ID])
def test_the_endpoint_is_called_as_its_reference_says(
    services: SimulatedServices, scope: str, resource: str, client_id: str | None
) -> None:
    """One call, with the header's secret, names the configured resource and identity."""
    with ExchangeHarness() as harness:
        token = harness.identity(client_id=client_id).get_token_info(scope).token
    (call,) = services.identity.faults.calls
    assert services.identity.issued(token, resource)
    assert call.query.get("client_id") == client_id
    assert call.headers["X-IDENTITY-HEADER"] == services.identity.header


def test_a_token_serves_later_exchanges(services: SimulatedServices) -> None:
    """The endpoint is called once for each scope, until the tokens are cleared."""
    kept = IdentityTokens()
    first, second, other = _tokens(kept, _SCOPE, _SCOPE, "https://other.azure.net/.default")
    assert first == second != other
    assert services.identity.faults.count == 2
    kept.clear()
    assert _tokens(kept, _SCOPE) != [first]
    assert services.identity.faults.count == 3


@pytest.mark.parametrize(
    ("age_s", "calls"),
    [(_DAY_S / 2 - 60, 1), (_DAY_S / 2 + 60, 2), (_DAY_S - _MARGIN_S + 60, 2), (_DAY_S + 60, 2)],
)
def test_a_token_past_half_of_its_life_is_replaced(services: SimulatedServices, age_s: float, calls: int) -> None:
    """While the endpoint works, a token is renewed long before it expires, and the new one is used."""
    kept, clock = IdentityTokens(), ShiftedClock()
    _tokens(kept, _SCOPE, clock=clock)
    clock.shift_s = age_s
    _tokens(kept, _SCOPE, clock=clock)
    assert services.identity.faults.count == calls


def test_claims_ask_for_another_token(services: SimulatedServices) -> None:
    """A new token is requested when Key Vault demands more claims."""
    claims = '{"access_token": {"nbf": {"essential": true, "value": "1"}}}'
    with ExchangeHarness() as harness:
        identity = harness.identity()
        first = identity.get_token_info(_SCOPE)
        second = identity.get_token_info(_SCOPE, options={"claims": claims, "enable_cae": True})
        third = identity.get_token_info(_SCOPE)
    assert first.token != second.token == third.token
    assert services.identity.faults.count == 2


def test_no_proxy_gets_the_endpoints_secret(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint's header and token stay on this host, whatever proxy is configured."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name)
    with Server(http_response(500)) as proxy, ExchangeHarness() as harness:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert harness.identity().get_token_info(_SCOPE).token
        assert proxy.requests == []
    assert services.identity.faults.count == 1
