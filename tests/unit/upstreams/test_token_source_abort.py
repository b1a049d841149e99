"""An exchange that was given up, and the next beside it."""

import socket
import threading

import pytest

from local.services.simulated_services import SimulatedServices
from shared.clock import system_clock
from shared.errors import UpstreamTimeout
from shared.tokens.exchange import Exchange, launch
from shared.tokens.issued_token import IssuedToken
from tests.unit.upstreams.harness import broker_of, issue, listed, use
from tests.unit.upstreams.server import PATIENCE_S, Server, answer

_TOKEN = answer(200, b'{"AccessToken": "issued"}')


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)


class _Stage:
    """An STS whose first call waits, and the broker's exchanges on threads of their own."""

    def __init__(self, services: SimulatedServices) -> None:
        self.reached, self.released = threading.Event(), threading.Event()
        self.sts = Server(self._wait, _TOKEN, context=services._authority.server_context())
        self.broker = broker_of(services, ARR_STS_URL=f"https://{self.sts.address}")
        self.ended = threading.Event()

    def _wait(self, connected: socket.socket) -> None:
        self.reached.set()
        assert self.released.wait(PATIENCE_S)
        connected.sendall(_TOKEN)

    def launch(self) -> Exchange:
        exchange = Exchange("request", PATIENCE_S, system_clock)

        def run(exchange: Exchange) -> IssuedToken:
            try:
                return self.broker.issue(exchange)
            finally:
                self.ended.set()

        launch(exchange, run)
        assert self.reached.wait(PATIENCE_S)
        return exchange


def test_a_given_up_exchange_ends_and_the_next_starts_anew(
    services: SimulatedServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its thread is free at once, its connections are closed, and its credential is not used again."""
    opened, stage = listed(monkeypatch), _Stage(services)
    with stage.sts:
        given_up = stage.launch()
        given_up.give_up()
        assert stage.ended.wait(PATIENCE_S)
        stage.released.set()
        outcome = given_up.outcome.result(PATIENCE_S)
        assert isinstance(outcome, UpstreamTimeout)
        assert (outcome.upstream, outcome.kind) == ("sts", "deadline")
        assert {connected.fileno() for connected in opened[0]._sockets} == {-1}
        assert issue(stage.broker).value == "issued"
    assert services.identity.faults.count == 2
    assert len(stage.sts.requests) == 2


def test_what_ends_late_harms_nothing(services: SimulatedServices) -> None:
    """An exchange that goes on beside the next shares no credential with it, and its token is dropped."""
    stage = _Stage(services)
    with stage.sts:
        late = stage.launch()
        late.settle(UpstreamTimeout())
        assert issue(stage.broker).value == "issued"
        assert services.identity.faults.count == 2
        stage.released.set()
        assert stage.ended.wait(PATIENCE_S)
        assert isinstance(late.outcome.result(), UpstreamTimeout)
        assert issue(stage.broker).value == "issued"
    assert services.identity.faults.count == 2
