"""Shared by the tests of the upstreams: one exchange with its connections, and the simulated services."""

import gc
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
import requests
from azure.keyvault.secrets._shared import http_challenge_cache

from local.services.simulated_services import SimulatedServices
from shared.clock import Clock, Moment, system_clock
from shared.errors import ArrTokenError, StsInvalidResponse, StsRejectedRequest, StsUnavailable
from shared.settings import read_settings
from shared.tokens.exchange import Exchange, Trigger
from shared.tokens.issued_token import IssuedToken
from shared.upstreams.connections import Connections
from shared.upstreams.credentials import ManagedIdentity
from shared.upstreams.failures import UpstreamFailures
from shared.upstreams.identity_tokens import IdentityTokens
from shared.upstreams.key_vault import KeyVault
from shared.upstreams.token_source import TokenSource
from shared.upstreams.transport import Transport
from tests.environment import replace_ours
from tests.unit.upstreams.server import PATIENCE_S

NO_PAUSE = (0.0, 0.0)


def error_for_status(status: int, _: str | None) -> type[ArrTokenError] | None:
    """Pass 200, 302 and 401 on; call 429 and every 5xx transient, and any other status a refusal."""
    if status in {200, 302, 401}:
        return None
    return StsRejectedRequest if status < 500 and status != 429 else StsUnavailable


class ShiftedClock:
    """The clocks of this host, both ahead by as many seconds as a test wants."""

    def __init__(self) -> None:
        self.shift_s = 0.0

    def __call__(self) -> Moment:
        """Read them."""
        return Moment(*(seconds + self.shift_s for seconds in system_clock()))


class ExchangeHarness:
    """One exchange with its connections, which are closed at the end. Retries have no pause unless a test wants one."""

    def __init__(
        self,
        limit_s: float = PATIENCE_S,
        clock: Clock = system_clock,
        trigger: Trigger = "request",
        back_off_s: tuple[float, float] = NO_PAUSE,
    ) -> None:
        self.exchange = Exchange(trigger, limit_s, clock)
        self.connections = Connections(self.exchange, clock, back_off_s)

    def transport(
        self, before_attempt: Callable[[requests.PreparedRequest], None] | None = None, **failures: Any
    ) -> Transport:
        """Return a transport to an upstream whose failures have these fields."""
        fields: dict[str, Any] = {
            "name": "test",
            "unavailable": StsUnavailable,
            "unreadable_error": StsInvalidResponse,
            "error_for_status": error_for_status,
        }
        return Transport(UpstreamFailures(**(fields | failures)), self.connections, before_attempt)

    def get(self, url: str, **options: Any) -> requests.Response:
        """Send one request through a transport of its own."""
        return self.transport().session.get(url, **options)

    def identity(self, tokens: IdentityTokens | None = None, client_id: str | None = None) -> ManagedIdentity:
        """Return the managed identity, without tokens of earlier exchanges unless they are given."""
        return ManagedIdentity(client_id, self.connections, tokens or IdentityTokens())

    def vault(self, services: SimulatedServices, tokens: IdentityTokens | None = None) -> KeyVault:
        """Return the simulated vault."""
        return KeyVault(services.key_vault.url, self.identity(tokens), self.connections)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connections.close()


def failure_of(act: Callable[[], object]) -> ArrTokenError:
    """Return the error of a call, having checked that it contains neither request nor response."""
    with pytest.raises(ArrTokenError) as raised:
        act()
    error = raised.value
    assert error.__cause__ is error.__context__ is None
    assert not any(text in f"{error} {error!r} {vars(error)}" for text in ("hunter2", "127.0.0.1"))
    return error


def use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the SDKs to the simulated services for the rest of the test."""
    replace_ours(monkeypatch, services.environment())
    http_challenge_cache.clear()


def source_of(services: SimulatedServices, clock: Clock = system_clock, /, **settings: str) -> TokenSource:
    """Return a token source with the simulated services' settings, some of them replaced."""
    return TokenSource(read_settings({**services.environment(), **settings}), clock, NO_PAUSE)


def issue(source: TokenSource, exchange: Exchange | None = None) -> IssuedToken:
    """Run one exchange in this thread."""
    return source.issue(exchange or Exchange("request", PATIENCE_S, system_clock))


def open_connections(*urls: str) -> list[socket.socket]:
    """Return the open sockets of this process that are connected to one of these servers on 127.0.0.1."""
    gc.unfreeze()  # sockets that `shared.imports` exempts from collections, too
    ports = {urlsplit(url).port for url in urls}
    found: list[socket.socket] = []
    for one in gc.get_objects():
        if isinstance(one, socket.socket):
            with suppress(OSError):  # closed, or not connected
                peer = one.getpeername()
                found += [one] if isinstance(peer, tuple) and peer[1] in ports else []
    return found
