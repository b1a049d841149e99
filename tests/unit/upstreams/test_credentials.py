"""The managed identity. Its failures, and the Azure CLI's sign-in, have tests of their own."""

import pytest

from local.services.simulated_services import SimulatedServices
from shared.upstreams.credentials import ManagedIdentity, identity_token
from tests.unit.upstreams.harness import Way, use
from tests.unit.upstreams.server import Server, answer

_SCOPE = "https://vault.azure.net/.default"
_CLIENT_ID = "5d4b1d9c-8a0e-4b6e-9c51-1c3a5a0e7a11"


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))


@pytest.mark.parametrize(
    ("scope", "resource"),
    [
        (_SCOPE, "https://vault.azure.net"),
        ("https://sts.mixedreality.azure.com//.default", "https://sts.mixedreality.azure.com/"),
    ],
)
@pytest.mark.parametrize("client_id", [None, _CLIENT_ID])
def test_the_endpoint_is_asked_as_it_wants(
    services: SimulatedServices, scope: str, resource: str, client_id: str | None
) -> None:
    """One call, with the header's secret, for the resource and the identity that were meant."""
    with Way() as way:
        identity = ManagedIdentity(client_id)
        identity.connect(way.connections)
        token = identity_token(identity, scope)
    (call,) = services.identity.faults.calls
    assert services.identity.issued(token.reveal(), resource)
    assert call.query.get("client_id") == client_id
    assert call.headers["X-IDENTITY-HEADER"] == services.identity.header


def test_a_token_outlives_the_connections_it_came_over(services: SimulatedServices) -> None:
    """A later exchange, with connections of its own, gets the token without a call, and can make one."""
    identity = ManagedIdentity(None)
    tokens = []
    for scope in (_SCOPE, _SCOPE, "https://other.azure.net/.default"):
        with Way() as way:
            identity.connect(way.connections)
            tokens.append(identity.get_token_info(scope).token)
    assert tokens[0] == tokens[1] != tokens[2]
    assert services.identity.faults.count == 2


def test_claims_ask_for_another_token(services: SimulatedServices) -> None:
    """Who was told that the token lacks claims gets a new one, and not the one that lacks them."""
    identity = ManagedIdentity(None)
    with Way() as way:
        identity.connect(way.connections)
        first = identity.get_token_info(_SCOPE)
        claims = '{"access_token": {"nbf": {"essential": true, "value": "1"}}}'
        second = identity.get_token_info(_SCOPE, options={"claims": claims, "enable_cae": True})
    assert first.token != second.token
    assert services.identity.faults.count == 2


def test_no_proxy_gets_the_endpoints_secret(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint is on this host: its header and its token don't leave it, whatever the machine's proxy is."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name)
    with Server(answer(500)) as proxy, Way() as way:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        identity = ManagedIdentity(None)
        identity.connect(way.connections)
        assert identity.get_token_info(_SCOPE).token
        assert proxy.requests == []
    assert services.identity.faults.count == 1
