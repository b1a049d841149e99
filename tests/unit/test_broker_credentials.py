"""shared.broker: how long a credential is kept, and what an exchange leaves behind."""

import threading

import pytest

from local.faults import Fault
from local.stand_ins import StandIns
from shared.connections import Connections
from shared.errors import ArrTokenError
from tests.unit.server import answer
from tests.unit.support import USER_ID
from tests.unit.upstreams import broker_of, issue, listed, use

_TOKEN = answer(200, b'{"AccessToken": "issued"}')

FAULTS = [
    *(("identity", fault) for fault in (Fault(status=404), Fault(status=503), Fault(body="rubbish"))),
    *(("key-vault", fault) for fault in (Fault(status=401), Fault(status=403), Fault(status=503), Fault(drop="body"))),
    *(("sts", fault) for fault in (Fault(status=401), Fault(status=400), Fault(status=429), Fault(body="rubbish"))),
    ("sts", Fault(drop="before")),
]


@pytest.fixture(autouse=True)
def _use(stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch) -> None:
    use(stand_ins, monkeypatch)
    monkeypatch.setattr("shared.line._BACK_OFF_S", (0.0, 0.0))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Connections]:
    """List the connections of all exchanges."""
    return listed(monkeypatch)


def test_a_credential_serves_as_long_as_all_goes_well(stand_ins: StandIns) -> None:
    """One call of the identity endpoint for many exchanges."""
    broker = broker_of(stand_ins)
    for _ in range(3):
        issue(broker)
    assert stand_ins.identity.faults.count == 1
    assert stand_ins.sts.faults.count == 3


def test_an_identity_can_be_chosen(stand_ins: StandIns) -> None:
    """AZURE_CLIENT_ID tells which of the identities that are assigned is meant."""
    issue(broker_of(stand_ins, AZURE_CLIENT_ID=USER_ID))
    assert stand_ins.identity.faults.calls[0].query["client_id"] == USER_ID


@pytest.mark.parametrize("name", ["key-vault", "sts"])
def test_a_wish_beside_a_refused_key_is_kept(stand_ins: StandIns, name: str) -> None:
    """Whoever refuses a key and asks for patience gets it: the cool-down is as long."""
    stand_ins.by_name()[name].faults.set(Fault(status=403, headers={"Retry-After": "70"}))
    with pytest.raises(ArrTokenError) as raised:
        issue(broker_of(stand_ins))
    assert raised.value.retry_after_s == 70


@pytest.mark.parametrize(("name", "fault"), FAULTS, ids=repr)
def test_after_any_failure_the_credential_is_a_new_one(stand_ins: StandIns, name: str, fault: Fault) -> None:
    """No identity token that had to do with a failure is used again; one failure costs one call, not more."""
    broker = broker_of(stand_ins)
    if name != "identity":
        issue(broker)
    stand_ins.by_name()[name].faults.set(fault)
    with pytest.raises(ArrTokenError):
        issue(broker)
    before = stand_ins.identity.faults.count
    stand_ins.by_name()[name].faults.clear()
    for _ in range(2):
        issue(broker)
    assert stand_ins.identity.faults.count == before + 1


@pytest.mark.parametrize(("name", "fault"), [("sts", None), *FAULTS], ids=repr)
def test_every_connection_is_closed(
    stand_ins: StandIns, opened: list[Connections], name: str, fault: Fault | None
) -> None:
    """However an exchange ends, it leaves no socket and no thread."""
    threads = set(threading.enumerate())
    broker = broker_of(stand_ins)
    if fault is None:
        issue(broker)
    else:
        stand_ins.by_name()[name].faults.set(fault)
        with pytest.raises(ArrTokenError):
            issue(broker)
    (connections,) = opened
    assert connections._sockets
    assert {connected.fileno() for connected in connections._sockets} == {-1}
    assert set(threading.enumerate()) == threads
