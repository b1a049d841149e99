"""Nothing of a key outlives its exchange."""

import gc
import socket

import pytest

from local.services.simulated_services import SimulatedServices
from shared.errors import ArrTokenError
from shared.secret import Secret
from tests.unit.upstreams.harness import issue, source_of, use
from tests.unit.upstreams.server import Server, answer

_TOKEN = answer(200, b'{"AccessToken": "issued"}')
_PACKAGES = {"shared", "azure", "requests", "urllib3", "msal", "http"}


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)


def _shown(one: object) -> str:
    if type(one) is Secret:
        return one.reveal()
    try:
        return str(vars(one)) if type(one).__module__.partition(".")[0] in _PACKAGES else ""
    except Exception:  # noqa: BLE001  # what can't be shown: of an object that is being made, say
        return ""


def _holders(text: str) -> set[str]:
    """Return the types of ours and of the libraries with objects that hold a text in what they show of themselves."""
    gc.collect()
    return {type(one).__name__ for one in gc.get_objects() if text in _shown(one)}


def test_no_key_is_left_after_a_success(services: SimulatedServices) -> None:
    """No reference cycle keeps it until the garbage collector runs."""
    services.sts.revoke("primary")
    source = source_of(services, ARR_ACCOUNT_KEY_SECRETS="arr-account-key,arr-account-key-secondary")
    gc.collect()
    gc.disable()
    try:
        assert issue(source)
        assert not [one for one in gc.get_objects() if type(one) is Secret]
    finally:
        gc.enable()


@pytest.mark.parametrize("ending", [_TOKEN, answer(401), answer(400), b""], ids=["issued", "401", "400", "dropped"])
def test_nothing_of_a_key_is_left_after_an_exchange(services: SimulatedServices, ending: bytes) -> None:
    """While the key is sent, some objects hold it; afterwards none of ours or of any library does."""
    key = services.account.keys["primary"]
    during: set[str] = set()

    def look(connected: socket.socket) -> None:
        during.update(_holders(key))
        connected.sendall(ending)

    with Server(look, ending, context=services._authority.server_context()) as sts:
        source = source_of(services, ARR_STS_URL=f"https://{sts.address}")
        if ending is _TOKEN:
            assert issue(source).value == "issued"
        else:
            with pytest.raises(ArrTokenError) as raised:
                issue(source)
            raised.value.__traceback__ = None  # its frames hold what they worked with; `run_in_thread` drops them too
            del raised
    assert {"Secret", "PreparedRequest"} <= during
    assert _holders(key) == set()
