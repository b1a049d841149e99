"""Nothing of a key outlives its exchange."""

import gc
import socket

import pytest

from local.services.simulated_services import SimulatedServices
from shared.errors import ArrTokenError
from shared.secret import Secret
from tests.unit.upstreams.harness import broker_of, issue, use
from tests.unit.upstreams.server import Server, answer

_TOKEN = answer(200, b'{"AccessToken": "issued"}')
_WHOSE = {"shared", "azure", "requests", "urllib3", "msal", "http"}


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)


def _shown(one: object) -> str:
    if type(one) is Secret:
        return one.reveal()
    try:
        return str(vars(one)) if type(one).__module__.partition(".")[0] in _WHOSE else ""
    except Exception:  # noqa: BLE001  # what can't be shown: of an object that is being made, say
        return ""


def _holders(text: str) -> set[str]:
    """Return the types of ours and of the libraries with objects that hold a text in what they show of themselves."""
    gc.collect()
    return {type(one).__name__ for one in gc.get_objects() if text in _shown(one)}


def test_a_refused_key_goes_as_soon_as_the_next_one_works(services: SimulatedServices) -> None:
    """No cycle keeps it until the garbage collector comes by."""
    services.sts.revoke("primary")
    broker = broker_of(services, ARR_ACCOUNT_KEY_SECRETS="arr-account-key,arr-account-key-secondary")
    gc.collect()
    gc.disable()
    try:
        assert issue(broker)
        assert not [one for one in gc.get_objects() if type(one) is Secret]
    finally:
        gc.enable()


@pytest.mark.parametrize("ending", [_TOKEN, answer(401), answer(400), b""], ids=["issued", "401", "400", "dropped"])
def test_nothing_of_a_key_is_left_after_an_exchange(
    services: SimulatedServices, monkeypatch: pytest.MonkeyPatch, ending: bytes
) -> None:
    """While it is sent there has to be something; afterwards no object of ours or of any library holds it."""
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))
    key = services.account.keys["primary"]
    during: set[str] = set()

    def look(connected: socket.socket) -> None:
        during.update(_holders(key))
        connected.sendall(ending)

    with Server(look, ending, context=services._authority.server_context()) as sts:
        broker = broker_of(services, ARR_STS_URL=f"https://{sts.address}")
        if ending is _TOKEN:
            assert issue(broker).value == "issued"
        else:
            with pytest.raises(ArrTokenError) as raised:
                issue(broker)
            raised.value.__traceback__ = None  # its frames hold what they worked with; `launch` drops them too
            del raised
    assert {"Secret", "PreparedRequest"} <= during
    assert _holders(key) == set()
