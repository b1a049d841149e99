"""What tests of the way out share: an exchange with its connections, and the simulated services as its upstreams."""

from typing import Any, Self

import pytest
from azure.keyvault.secrets._shared import http_challenge_cache

from local.services.simulated_services import SimulatedServices
from shared.clock import Clock, system_clock
from shared.errors import ArrTokenError, StsInvalidResponse, StsRejectedRequest, StsUnavailable
from shared.settings import read_settings
from shared.tokens.exchange import Exchange
from shared.tokens.issued_token import IssuedToken
from shared.upstreams.connections import Connections
from shared.upstreams.credentials import ManagedIdentity
from shared.upstreams.failures import UpstreamFailures
from shared.upstreams.key_vault import KeyVault
from shared.upstreams.token_source import TokenSource
from shared.upstreams.transport import Prepare, Transport
from tests.environment import replace_ours
from tests.unit.upstreams.server import PATIENCE_S


def refusal(status: int) -> type[ArrTokenError] | None:
    """Pass 302 and 401 on; call 429 and every 5xx transient, and any other 4xx an operator's matter."""
    if status in {200, 302, 401}:
        return None
    return StsRejectedRequest if status < 500 and status != 429 else StsUnavailable


class Way:
    """The way out of one exchange; its connections are closed at the end."""

    def __init__(self, limit_s: float = PATIENCE_S, clock: Clock = system_clock) -> None:
        self.exchange = Exchange("request", limit_s, clock)
        self.connections = Connections(self.exchange, clock)

    def line(self, prepare: Prepare | None = None, **vocabulary: Any) -> Transport:
        """Return a line to an upstream with these words in its vocabulary."""
        words: dict[str, Any] = {
            "name": "test",
            "unavailable": StsUnavailable,
            "unreadable": StsInvalidResponse,
            "refusal": refusal,
        }
        return Transport(UpstreamFailures(**(words | vocabulary)), self.connections, prepare)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connections.close()


def use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Point the SDKs to the simulated services for the rest of the test; return the settings."""
    environment = services.environment()
    replace_ours(monkeypatch, environment)
    http_challenge_cache.clear()
    return environment


def vault_of(services: SimulatedServices, way: Way, identity: ManagedIdentity | None = None) -> KeyVault:
    """Return the vault within one exchange, with a new managed identity unless one is given."""
    identity = identity or ManagedIdentity(None)
    identity.connect(way.connections)
    return KeyVault(services.key_vault.url, identity, way.connections)


def broker_of(services: SimulatedServices, **settings: str) -> TokenSource:
    """Return a broker with the simulated services' settings but for those that are given."""
    return TokenSource(read_settings({**services.environment(), **settings}), system_clock)


def listed(monkeypatch: pytest.MonkeyPatch) -> list[Connections]:
    """Return what becomes the list of all connections that brokers make."""
    made: list[Connections] = []

    class Listed(Connections):
        def __init__(self, exchange: Exchange, clock: Clock) -> None:
            super().__init__(exchange, clock)
            made.append(self)

    monkeypatch.setattr("shared.upstreams.token_source.Connections", Listed)
    return made


def issue(broker: TokenSource, exchange: Exchange | None = None) -> IssuedToken:
    """Run one exchange in this thread."""
    return broker.issue(exchange or Exchange("request", PATIENCE_S, system_clock))
