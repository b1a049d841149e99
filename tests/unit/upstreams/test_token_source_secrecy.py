"""Nothing of a key outlives its exchange."""

import gc
import socket

import pytest

from local.services.simulated_services import SimulatedServices
from shared.errors import ArrTokenError
from shared.secret import Secret
from tests.unit.upstreams.harness import issue, source_of, use
from tests.unit.upstreams.server import Server, http_response

_TOKEN = http_response(200, b'{"AccessToken": "issued"}')
_PACKAGES = {"shared", "azure", "requests", "urllib3", "msal", "http"}


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)


def _shown(one: object) -> str:
    if type(one) is Secret:
        return one.reveal()
    try:
        return str(vars(one)) if type(one).__module__.partition(".")[0] in _PACKAGES else ""
    except Exception:  # noqa: BLE001  # an object that is being made may have no repr
        return ""


def _holders(text: str) -> set[str]:
    """Return the types of our and the libraries' objects whose repr or attributes contain a text."""
    gc.collect()
    return {type(one).__name__ for one in gc.get_objects() if text in _shown(one)}


def test_no_key_is_left_after_a_success(services: SimulatedServices) -> None:
    """No reference cycle keeps a key until the garbage collector runs."""
    services.sts.revoke("primary")
    source = source_of(services, ARR_ACCOUNT_KEY_SECRETS="arr-account-key,arr-account-key-secondary")
    gc.collect()
    gc.disable()
    try:
        assert issue(source)
        assert not [one for one in gc.get_objects() if type(one) is Secret]
    finally:
        gc.enable()


@pytest.mark.parametrize(
    "ending", [_TOKEN, http_response(401), http_response(400), b""], ids=["issued", "401", "400", "dropped"]
)
def test_nothing_of_a_key_is_left_after_an_exchange(services: SimulatedServices, ending: bytes) -> None:
    """After the exchange, no object of ours or of a library contains the key, while some did during the call."""
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
            raised.value.__traceback__ = None  # its frames contain the local variables; `run_in_thread` drops it too
            del raised
    assert {"Secret", "PreparedRequest"} <= during
    assert _holders(key) == set()
