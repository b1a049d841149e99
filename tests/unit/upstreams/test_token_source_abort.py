"""Aborted exchanges, and the next exchange beside them."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from local.services.simulated_services import SimulatedServices
from shared.clock import system_clock
from shared.errors import KeyVaultUnavailable, UpstreamTimeout
from shared.tokens.exchange import MAX_THREADS, Exchange, TokenOrFailure, run_in_thread
from shared.tokens.issued_token import IssuedToken
from shared.upstreams.token_source import TokenSource
from tests.unit.upstreams.harness import issue, open_connections, source_of, use
from tests.unit.upstreams.server import PATIENCE_S, SOON_S, Server, http_response

_TOKEN = http_response(200, b'{"AccessToken": "issued"}')


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)


class _SlowSts:
    """An STS whose first call waits until it is released, and a token source that calls it."""

    def __init__(self, services: SimulatedServices) -> None:
        self.reached, self.released, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.server = Server(self._wait, _TOKEN, context=services._authority.server_context())
        self.source = source_of(services, ARR_STS_URL=f"https://{self.server.address}")

    def start(self) -> Exchange:
        """Start an exchange and return it once it waits for the STS."""
        exchange = Exchange("request", PATIENCE_S, system_clock)
        run_in_thread(exchange, run=self._run, slots=threading.BoundedSemaphore())
        assert self.reached.wait(PATIENCE_S)
        return exchange

    def _run(self, exchange: Exchange) -> IssuedToken:
        try:
            return self.source.issue(exchange)
        finally:
            self.ended.set()

    def _wait(self, connected: socket.socket) -> None:
        self.reached.set()
        assert self.released.wait(PATIENCE_S)
        connected.sendall(_TOKEN)


def test_an_aborted_exchange_ends_at_once(services: SimulatedServices) -> None:
    """The exchange's thread is free, its connections are closed, and the next exchange gets a token."""
    sts = _SlowSts(services)
    with sts.server:
        aborted = sts.start()
        aborted.abort()
        assert sts.ended.wait(SOON_S)
        result = aborted.result.result(PATIENCE_S)
        assert isinstance(result, UpstreamTimeout)
        assert (result.upstream, result.kind) == ("sts", "deadline")
        assert open_connections(sts.server.url) == []
        sts.released.set()
        assert issue(sts.source).value == "issued"


def test_a_late_token_is_discarded(services: SimulatedServices) -> None:
    """A token of an aborted exchange does not replace the next exchange's."""
    sts = _SlowSts(services)
    with sts.server:
        late = sts.start()
        late.complete(UpstreamTimeout())
        assert issue(sts.source).value == "issued"
        sts.released.set()
        assert sts.ended.wait(PATIENCE_S)
        assert isinstance(late.result.result(), UpstreamTimeout)
        assert issue(sts.source).value == "issued"
    assert services.identity.faults.count == 1


class _HangingResolver:
    """Resolves the names of .invalid only once it is released: then they have no address."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.released = threading.Event()
        self._getaddrinfo = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: Any, *args: Any, **kwargs: Any) -> Any:
        if str(host).endswith(".invalid"):
            self.released.wait(PATIENCE_S)
        return self._getaddrinfo(host, *args, **kwargs)


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[_HangingResolver]:
    """Let the names of .invalid hang; the threads that wait for them end with the test."""
    resolver = _HangingResolver(monkeypatch)
    yield resolver
    resolver.released.set()


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "arr-token-exchange"]


def _result_of(source: TokenSource, slots: threading.BoundedSemaphore, limit_s: float) -> TokenOrFailure:
    exchange = Exchange("request", limit_s, system_clock)
    run_in_thread(exchange, run=source.issue, slots=slots)
    return exchange.result.result(PATIENCE_S)


def test_a_hanging_name_resolver_costs_at_most_four_threads(
    services: SimulatedServices, resolver: _HangingResolver
) -> None:
    """Once four resolvers hang, requests fail at once; when one ends, an exchange may start again."""
    source = source_of(services, KEY_VAULT_URL="https://vault.invalid")
    slots = threading.BoundedSemaphore(MAX_THREADS)
    kinds = [getattr(_result_of(source, slots, limit_s=0.05), "kind", None) for _ in range(6)]
    assert kinds == ["deadline"] * 4 + ["threads"] * 2
    hanging = _threads()
    assert len(hanging) == 4
    resolver.released.set()
    for thread in hanging:
        thread.join(PATIENCE_S)
    assert isinstance(_result_of(source, slots, PATIENCE_S), KeyVaultUnavailable)
