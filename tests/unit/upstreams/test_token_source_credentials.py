"""How long a credential is kept, and what an exchange leaves behind."""

import threading

import pytest

from local.services.faults import Fault
from local.services.identity import CLIENT_ID
from local.services.simulated_services import SimulatedServices
from shared.errors import ArrTokenError
from shared.upstreams.connections import Connections
from tests.unit.upstreams.harness import broker_of, issue, listed, use
from tests.unit.upstreams.server import answer

_TOKEN = answer(200, b'{"AccessToken": "issued"}')

FAULTS = [
    *(("identity", fault) for fault in (Fault(status=404), Fault(status=503), Fault(body="rubbish"))),
    *(("key-vault", fault) for fault in (Fault(status=401), Fault(status=403), Fault(status=503), Fault(drop="body"))),
    *(("sts", fault) for fault in (Fault(status=401), Fault(status=400), Fault(status=429), Fault(body="rubbish"))),
    ("sts", Fault(drop="before")),
]


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Connections]:
    """List the connections of all exchanges."""
    return listed(monkeypatch)


def test_a_credential_serves_as_long_as_all_goes_well(services: SimulatedServices) -> None:
    """One call of the identity endpoint for many exchanges."""
    broker = broker_of(services)
    for _ in range(3):
        issue(broker)
    assert services.identity.faults.count == 1
    assert services.sts.faults.count == 3


def test_an_identity_can_be_chosen(services: SimulatedServices) -> None:
    """AZURE_CLIENT_ID tells which of the identities that are assigned is meant."""
    issue(broker_of(services, AZURE_CLIENT_ID=CLIENT_ID))
    assert services.identity.faults.calls[0].query["client_id"] == CLIENT_ID


@pytest.mark.parametrize("name", ["key-vault", "sts"])
def test_a_wish_beside_a_refused_key_is_kept(services: SimulatedServices, name: str) -> None:
    """Whoever refuses a key and asks for patience gets it: the cool-down is as long."""
    services.by_name()[name].faults.set(Fault(status=403, headers={"Retry-After": "70"}))
    with pytest.raises(ArrTokenError) as raised:
        issue(broker_of(services))
    assert raised.value.retry_after_s == 70


@pytest.mark.parametrize(("name", "fault"), FAULTS, ids=repr)
def test_after_any_failure_the_credential_is_a_new_one(services: SimulatedServices, name: str, fault: Fault) -> None:
    """No identity token that had to do with a failure is used again; one failure costs one call, not more."""
    broker = broker_of(services)
    if name != "identity":
        issue(broker)
    services.by_name()[name].faults.set(fault)
    with pytest.raises(ArrTokenError):
        issue(broker)
    before = services.identity.faults.count
    services.by_name()[name].faults.clear()
    for _ in range(2):
        issue(broker)
    assert services.identity.faults.count == before + 1


@pytest.mark.parametrize(("name", "fault"), [("sts", None), *FAULTS], ids=repr)
def test_every_connection_is_closed(
    services: SimulatedServices, opened: list[Connections], name: str, fault: Fault | None
) -> None:
    """However an exchange ends, it leaves no socket and no thread."""
    threads = set(threading.enumerate())
    broker = broker_of(services)
    if fault is None:
        issue(broker)
    else:
        services.by_name()[name].faults.set(fault)
        with pytest.raises(ArrTokenError):
            issue(broker)
    (connections,) = opened
    assert connections._sockets
    assert {connected.fileno() for connected in connections._sockets} == {-1}
    assert set(threading.enumerate()) == threads
