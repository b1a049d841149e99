"""The identity's cached tokens, and the resources of an exchange."""

import socket
import threading
from typing import Any

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.unit.upstreams.harness import failure_of, issue, open_connections, source_of, use

_CLIENT_ID = "5d4b1d9c-8a0e-4b6e-9c51-1c3a5a0e7a11"
_KEYLESS = {"ARR_CREDENTIAL": "managed-identity"}
_BOTH_KEYS = {"ARR_ACCOUNT_KEY_SECRETS": "arr-account-key,arr-account-key-secondary"}

_FAULTS = [
    *(("identity", fault) for fault in (Fault(status=404), Fault(status=503), Fault(body="rubbish"))),
    *(("key-vault", fault) for fault in (Fault(status=401), Fault(status=403), Fault(status=503), Fault(drop="body"))),
    *(("sts", fault) for fault in (Fault(status=401), Fault(status=400), Fault(status=429), Fault(body="rubbish"))),
    ("sts", Fault(drop="before")),
]


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)


def test_one_identity_token_serves_many_exchanges(services: SimulatedServices) -> None:
    """An outage of the identity endpoint affects no refresh."""
    source = source_of(services)
    for _ in range(3):
        issue(source)
    assert services.identity.faults.count == 1
    assert services.sts.faults.count == 3


def test_an_identity_can_be_chosen(services: SimulatedServices) -> None:
    """AZURE_CLIENT_ID selects one of the assigned identities."""
    issue(source_of(services, AZURE_CLIENT_ID=_CLIENT_ID))
    assert services.identity.faults.calls[0].query["client_id"] == _CLIENT_ID


@pytest.mark.parametrize(
    ("settings", "name", "status", "calls"),
    [
        *(({}, "key-vault", status, calls) for status, calls in ((401, 2), (403, 1), (404, 1), (503, 1))),
        *(({}, "sts", status, 1) for status in (400, 401, 403, 503)),
        *((_KEYLESS, "sts", status, calls) for status, calls in ((401, 2), (403, 1), (503, 1))),
    ],
)
def test_only_a_401_to_the_identity_discards_its_token(
    services: SimulatedServices, settings: dict[str, str], name: str, status: int, calls: int
) -> None:
    """After a 401 a new role counts at once; other failures cause no call of the endpoint."""
    source = source_of(services, **settings)
    issue(source)
    services.by_name()[name].faults.set(Fault(status=status))
    failure_of(lambda: issue(source))
    services.by_name()[name].faults.clear()
    for _ in range(2):
        issue(source)
    assert services.identity.faults.count == calls


def test_a_401_that_only_one_secret_gets_discards_the_token_too(services: SimulatedServices) -> None:
    """The next key is read with a new identity token, which then serves the exchanges after it."""
    source = source_of(services, **_BOTH_KEYS)
    issue(source)
    services.key_vault.faults.set(Fault(status=401, times=2))
    for _ in range(2):
        issue(source)
        assert services.identity.faults.count == 2


@pytest.fixture
def connected(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the services in the order in which connections to them begin."""
    names = {service.port: name for name, service in services.by_name().items()}
    began: list[str] = []
    getaddrinfo = socket.getaddrinfo

    def record(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        began.append(names[port])
        return getaddrinfo(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", record)
    return began


@pytest.mark.parametrize(
    ("settings", "first"), [({}, ["key-vault", "sts", "identity"]), (_KEYLESS, ["sts", "identity"])]
)
def test_the_first_exchange_opens_its_connections_early(
    services: SimulatedServices, connected: list[str], settings: dict[str, str], first: list[str]
) -> None:
    """A worker's first token comes sooner: each connection opens once, while the SDKs are imported."""
    issue(source_of(services, **settings))
    assert connected == first


def test_later_exchanges_open_connections_when_they_need_them(
    services: SimulatedServices, connected: list[str]
) -> None:
    """A refresh, for which no caller waits, opens no connection to the STS in an outage of Key Vault."""
    source = source_of(services)
    issue(source)
    connected.clear()
    services.key_vault.faults.set(Fault(status=404))
    failure_of(lambda: issue(source))
    assert connected == ["key-vault"]


@pytest.mark.parametrize(("name", "fault"), [("sts", None), *_FAULTS], ids=repr)
def test_an_exchange_leaves_neither_socket_nor_thread(
    services: SimulatedServices, name: str, fault: Fault | None
) -> None:
    """An exchange leaves no socket and no thread, whatever its result is."""
    threads = set(threading.enumerate())
    source = source_of(services)
    if fault is None:
        issue(source)
    else:
        services.by_name()[name].faults.set(fault)
        failure_of(lambda: issue(source))
    assert open_connections(*(service.url for service in services.by_name().values())) == []
    assert set(threading.enumerate()) == threads
