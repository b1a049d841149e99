"""One STS call that issues a token, and bodies without a token."""

import json
import re
import socket
import threading
import time
from email.utils import formatdate

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.clock import Moment
from shared.errors import StsInvalidResponse
from shared.secret import Secret
from shared.upstreams.sts import Sts
from tests.unit.support import DAY_S, ISSUED_ON, MS_CV, FakeClock
from tests.unit.upstreams.harness import ExchangeHarness, use
from tests.unit.upstreams.server import PATIENCE_S, Server
from tests.unit.upstreams.sts import issue, jwt, refusal_of


@pytest.fixture(autouse=True)
def _use(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    use(services, monkeypatch)


def test_the_sts_is_called_as_its_specification_says(services: SimulatedServices) -> None:
    """One call, with the credential as given, and the token comes with the MS-CV of that call."""
    with ExchangeHarness() as harness:
        token = issue(services, harness)
    (call,) = services.sts.faults.calls
    account = services.account
    assert (call.method, call.path, dict(call.query)) == ("GET", f"/accounts/{account.id}/token", {})
    assert call.headers["Authorization"] == f"Bearer {account.id}:{account.keys['primary']}"
    assert re.fullmatch(r"[A-Za-z0-9+/]{22}", call.headers["X-MRC-CV"])
    assert (token.value, token.ms_cv) == (services.sts.issued[-1], call.response_headers["MS-CV"])
    assert token.lifetime_s in {86_399, 86_400}
    assert token.expires_on is not None
    assert abs(token.expires_on - time.time() - 86_400) < PATIENCE_S


def test_each_attempt_has_a_correlation_base_of_its_own(services: SimulatedServices) -> None:
    """Microsoft's support can distinguish the attempts of one exchange."""
    services.sts.faults.set(Fault(status=500, times=2))
    with ExchangeHarness() as harness:
        token = issue(services, harness)
    calls = services.sts.faults.calls
    assert len({call.headers["X-MRC-CV"] for call in calls}) == 3
    assert token.ms_cv == calls[-1].response_headers["MS-CV"]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        *((ms_cv, ms_cv) for ms_cv in (MS_CV, "gKXl1CkeG0mRb6HEtMUmHQ", "a/+.0", "x" * 128, "~", '!"')),
        *((ms_cv, None) for ms_cv in (None, "", "x" * 129, "a b", "a\tb", "\xfc", "\x7f")),
    ],
)
@pytest.mark.parametrize("refused", [False, True])
def test_the_ms_cv_is_passed_on_unchanged_or_not_at_all(
    services: SimulatedServices, sent: str | None, expected: str | None, refused: bool
) -> None:
    """With a token and with a refusal, an MS-CV of 1 to 128 characters of visible ASCII is passed on."""
    services.sts.faults.set(Fault(status=400 if refused else None, headers={"MS-CV": sent}))
    if refused:
        assert refusal_of(services).ms_cv == expected
    else:
        with ExchangeHarness() as harness:
            assert issue(services, harness).ms_cv == expected


@pytest.mark.parametrize(
    "token", ["opaque", "a.b", "a.b.c", "..", "a.!.c", "a.WzFd.c", "a.e30.c.d.e", '"\\{}', "~", "x" * 65_000]
)
def test_a_token_need_not_be_a_jwt(services: SimulatedServices, token: str) -> None:
    """A token that is no JWT is accepted, with an unknown lifetime."""
    services.sts.faults.set(Fault(body=json.dumps({"AccessToken": token})))
    with ExchangeHarness() as harness:
        issued = issue(services, harness)
    assert (issued.value, issued.expires_on, issued.lifetime_s) == (token, None, None)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("[" * 65_000, id="deep"),
        pytest.param('{"AccessToken":' * 4_000, id="deep objects"),
        pytest.param('{"AccessToken": ' + "1" * 5_000 + "}", id="a long number"),
        pytest.param('{"AccessToken": "x"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"AccessToken": "\xff"}', id="not UTF-8"),
        *("", "[]", "null", "5", "{}", "<html>", "\x00"),
        *(f'{{"{name}": "hunter2"}}' for name in ("accessToken", "ACCESSTOKEN", "access_token", " AccessToken")),
        *(f'{{"AccessToken": {value}}}' for value in ("null", "5", "[]", "{}", '""', '" "', '"a b"', '"a\\nb"')),
        *(f'{{"AccessToken": {value}}}' for value in ('"\\u00fc"', '"\\u0000"', '"\\ud800"', '"\\u007f"')),
        '{"AccessToken": "a", "AccessToken": null}',
    ],
)
def test_a_200_without_a_usable_token_is_an_invalid_response(services: SimulatedServices, body: str | bytes) -> None:
    """Only visible ASCII in the specified field reaches a caller as a token."""
    services.sts.faults.set(Fault(body=body))
    failure = refusal_of(services)
    assert isinstance(failure, StsInvalidResponse)
    assert (failure.kind, failure.upstream_status) == ("body", 200)
    assert failure.ms_cv == services.sts.faults.calls[-1].response_headers["MS-CV"]


@pytest.mark.parametrize(
    ("date_s", "iat"),
    [(ISSUED_ON + DAY_S, 1), (ISSUED_ON + DAY_S + 1, 1), (1, ISSUED_ON + DAY_S), (1, ISSUED_ON + 2 * DAY_S)],
)
def test_an_expired_token_is_an_invalid_response(services: SimulatedServices, date_s: float, iat: int) -> None:
    """A token that is expired by the STS's clock or its own dates is refused, with the call's MS-CV."""
    token = jwt(json.dumps({"exp": ISSUED_ON + DAY_S, "iat": iat}))
    date = formatdate(date_s, usegmt=True)
    services.sts.faults.set(Fault(body=json.dumps({"AccessToken": token}), headers={"Date": date, "MS-CV": MS_CV}))
    failure = refusal_of(services)
    assert isinstance(failure, StsInvalidResponse)
    assert (failure.upstream_status, failure.kind, failure.ms_cv) == (200, "expired", MS_CV)


def test_a_token_with_a_second_left_is_handed_out(services: SimulatedServices) -> None:
    """A caller gets a token that has a second left."""
    token = jwt(json.dumps({"exp": ISSUED_ON}))
    date = formatdate(ISSUED_ON - 1, usegmt=True)
    services.sts.faults.set(Fault(body=json.dumps({"AccessToken": token}), headers={"Date": date}))
    with ExchangeHarness() as harness:
        assert issue(services, harness).lifetime_s == 1


class _ReadClock(FakeClock):
    """Records when it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = threading.Event()

    def __call__(self) -> Moment:
        moment = super().__call__()
        self.read.set()
        return moment


def test_the_age_counts_from_when_the_call_was_sent() -> None:
    """A body that comes ten seconds later does not make the token younger."""
    clock = _ReadClock()

    def send(connected: socket.socket) -> None:
        clock.read.clear()
        connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n")
        assert clock.read.wait(PATIENCE_S)
        clock.tick(10)
        connected.sendall(b'{"AccessToken":"x"}')

    with Server(send) as server, ExchangeHarness(60, clock) as harness:
        sts = Sts(f"http://{server.address}", "id", harness.connections, keyless=False)
        clock.tick(5)
        sent_at = clock()
        assert sts.issue(Secret("id:key")).issued_at == sent_at
    assert clock().monotonic == sent_at.monotonic + 10
