import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.local.clients import ask_sts


def _call(services: SimulatedServices, read_timeout: float = 5) -> requests.Response:
    """Call the identity endpoint: plain HTTP carries exactly the bytes that the fault sends."""
    url = f"{services.identity.url}?api-version=2019-08-01&resource=x"
    return requests.get(url, headers={"X-IDENTITY-HEADER": services.identity.header}, timeout=(5, read_timeout))


def test_status_headers_and_body_replace_the_normal_ones(services: SimulatedServices) -> None:
    """A fault changes only the parts that it names; a header of None is removed."""
    headers = {"Retry-After": "7", "Cache-Control": None, "Date": None}
    services.identity.faults.set(Fault(headers=headers))
    response = _call(services)
    assert response.status_code == 200
    assert response.headers["Retry-After"] == "7"
    assert not {"Cache-Control", "Date"} & set(response.headers)
    assert "access_token" in response.json()
    services.identity.faults.set(Fault(body="rubbish"))
    assert _call(services).text == "rubbish"


@pytest.mark.usefixtures("sdk_environment")
def test_a_refusal_has_no_secret_in_its_body(services: SimulatedServices) -> None:
    """With an error status, a service issues no token; with another 2xx it keeps its body."""
    services.identity.revoke_tokens()
    services.identity.faults.set(Fault(status=429))
    response = _call(services)
    assert (response.status_code, response.json().keys()) == (429, {"statusCode", "message", "correlationId"})
    assert not services.identity._issued
    services.identity.faults.set(Fault(status=202))
    response = _call(services)
    assert (response.status_code, "access_token" in response.json()) == (202, True)
    services.sts.faults.set(Fault(status=503))
    assert ask_sts(services, f"{services.account.id}:{services.account.keys['primary']}").content == b""
    assert not services.sts.issued
    services.key_vault.faults.set(Fault(status=403))
    response = requests.get(f"{services.key_vault.url}/secrets/arr-account-key", timeout=5)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "Forbidden")


def test_skip_and_times_choose_the_requests(services: SimulatedServices) -> None:
    """A fault skips some requests, applies to some, and then ends."""
    services.identity.faults.set(Fault(status=500, skip=1, times=2))
    assert [_call(services).status_code for _ in range(4)] == [200, 500, 500, 200]
    assert services.identity.faults.count == 4
    assert [call.status for call in services.identity.faults.calls] == [200, 500, 500, 200]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(drop="before"), requests.ConnectionError),
        (Fault(drop="body"), requests.exceptions.ChunkedEncodingError),
        (Fault(raw=b"rubbish\r\n\r\n"), requests.ConnectionError),
        (Fault(delay=1_000), requests.ReadTimeout),
    ],
)
def test_broken_connections(services: SimulatedServices, fault: Fault, error: type[Exception]) -> None:
    """A client sees a dropped connection, garbage or a hang."""
    services.identity.faults.set(fault)
    with pytest.raises(error):
        _call(services, read_timeout=0.2)


def test_half_of_the_headers_comes_before_the_drop(services: SimulatedServices) -> None:
    """A client that trusts http.client sees a 200 without a body when the headers are cut off."""
    services.identity.faults.set(Fault(drop="headers"))
    response = _call(services)
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("part", ["headers", "body"])
def test_trickle_sends_bytes_one_by_one(services: SimulatedServices, part: str) -> None:
    """A trickled response arrives whole, and takes its number of bytes times the interval."""
    fault = Fault(trickle="headers" if part == "headers" else "body", body="0123456789", interval=0.002)
    services.identity.faults.set(fault)
    begun = time.perf_counter()
    assert _call(services).text == "0123456789"
    assert time.perf_counter() - begun >= (0.2 if part == "headers" else 0.02)


def test_calls_under_way_are_counted(services: SimulatedServices) -> None:
    """A hanging call is listed without a status, and ends when its client has gone."""
    services.identity.faults.set(Fault(delay=1_000))
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(_call, services, 0.5)
        _until(lambda: services.identity.faults.count == 1)
        call = services.identity.faults.calls[0]
        assert (call.status, call.seconds) == (None, None)
        assert isinstance(hanging.exception(), requests.ReadTimeout)
    _until(lambda: call.seconds is not None)


def test_stop_does_not_wait_for_hanging_calls() -> None:
    """A stack with a hanging client ends at once."""
    services = SimulatedServices()
    services.start()
    services.identity.faults.set(Fault(delay=1_000))
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(_call, services)
        _until(lambda: services.identity.faults.count == 1)
        begun = time.perf_counter()
        services.stop()
        assert time.perf_counter() - begun < 2
        assert isinstance(hanging.exception(), requests.ConnectionError)


def test_secrets_are_not_in_the_repr_of_a_call(services: SimulatedServices) -> None:
    """A failed assertion that prints calls does not print their headers."""
    _call(services)
    call = services.identity.faults.calls[0]
    assert call.headers["x-identity-header"] == services.identity.header
    assert services.identity.header not in repr(call)


def _until(condition: object, patience: float = 5) -> None:
    deadline = time.perf_counter() + patience
    while not (callable(condition) and condition()):
        assert time.perf_counter() < deadline
        time.sleep(0.005)
