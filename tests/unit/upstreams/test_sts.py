"""One call. The life of a token, and bodies of any kind, have tests of their own."""

import json
import re
import socket
import threading

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.clock import Moment
from shared.secret import Secret
from shared.upstreams.sts import Sts
from tests.unit.support import MS_CV, FakeClock
from tests.unit.upstreams.harness import Way, use
from tests.unit.upstreams.server import PATIENCE_S, Server
from tests.unit.upstreams.sts import issue, refusal_of


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))


def test_the_sts_is_called_as_it_wants(services: SimulatedServices) -> None:
    """One call, with the credential as given, and the token comes with the MS-CV of that call."""
    with Way() as way:
        token = issue(services, way)
    (call,) = services.sts.faults.calls
    account = services.account
    assert (call.method, call.path, dict(call.query)) == ("GET", f"/accounts/{account.id}/token", {})
    assert call.headers["Authorization"] == f"Bearer {account.id}:{account.keys['primary']}"
    assert re.fullmatch(r"[A-Za-z0-9+/]{22}", call.headers["X-MRC-CV"])
    assert (token.value, token.ms_cv) == (services.sts.issued[-1], call.response_headers["MS-CV"])
    assert token.lifetime_s in {86_399, 86_400, 86_401}


def test_a_retry_has_a_correlation_base_of_its_own(services: SimulatedServices) -> None:
    """Support tells the attempts of one exchange apart."""
    services.sts.faults.set(Fault(status=500, times=2))
    with Way() as way:
        token = issue(services, way)
    calls = services.sts.faults.calls
    assert len({call.headers["X-MRC-CV"] for call in calls}) == 3
    assert token.ms_cv == calls[-1].response_headers["MS-CV"]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        *((ms_cv, ms_cv) for ms_cv in (MS_CV, "gKXl1CkeG0mRb6HEtMUmHQ", "a/+.0", "x" * 128, "~", '!"')),
        *((ms_cv, None) for ms_cv in (None, "", "x" * 129, "a b", "a\tb", "\xfc", "\x7f")),
    ],
)
@pytest.mark.parametrize("refused", [False, True])
def test_the_ms_cv_is_passed_on_unchanged_or_not_at_all(
    services: SimulatedServices, sent: str | None, told: str | None, refused: bool
) -> None:
    """With a token as with a refusal: 1 to 128 characters of visible ASCII."""
    services.sts.faults.set(Fault(status=400 if refused else None, headers={"MS-CV": sent}))
    if refused:
        assert refusal_of(services).ms_cv == told
    else:
        with Way() as way:
            assert issue(services, way).ms_cv == told


@pytest.mark.parametrize(
    "token", ["opaque", "a.b", "a.b.c", "..", "a.!.c", "a.WzFd.c", "a.e30.c.d.e", '"\\{}', "~", "x" * 65_000]
)
def test_a_token_need_not_be_a_jwt(services: SimulatedServices, token: str) -> None:
    """Only who it is for has to understand it; its life is not known then."""
    services.sts.faults.set(Fault(body=json.dumps({"AccessToken": token})))
    with Way() as way:
        issued = issue(services, way)
    assert (issued.value, issued.expires_on, issued.lifetime_s) == (token, None, None)


class _ReadClock(FakeClock):
    """Tells when it has been read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = threading.Event()

    def __call__(self) -> Moment:
        moment = super().__call__()
        self.read.set()
        return moment


def test_a_token_is_as_old_as_its_headers() -> None:
    """A body that comes ten seconds later does not make it younger: its life counts from the Date above."""
    clock = _ReadClock()

    def send(connected: socket.socket) -> None:
        clock.read.clear()
        connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n")
        assert clock.read.wait(PATIENCE_S)
        clock.tick(10)
        connected.sendall(b'{"AccessToken":"x"}')

    with Server(send) as server, Way(60, clock) as way:
        began = clock()
        sts = Sts(f"http://{server.address}", "id", way.connections, keyless=False)
        assert sts.issue(Secret("id:key")).issued_at == began
    assert clock().monotonic == began.monotonic + 10
