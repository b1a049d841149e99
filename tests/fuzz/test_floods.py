"""Responses that are made to cost time or memory. Random input does not find them."""

import gzip
import zlib

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.settings import Settings
from tests.fuzz.exchange_harness import run_exchange

_LIMIT_S = 0.4
_MOST_S = _LIMIT_S + 2  # a busy machine's pauses included
_BOMB = gzip.compress(gzip.compress(b" " * 200_000_000))  # about a kilobyte
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


_BOMBS = [
    pytest.param(Fault(body=_BOMB, headers={"Content-Encoding": "gzip, gzip"}), id="two bombs in one"),
    pytest.param(Fault(body=zlib.compress(b" " * 50_000_000), headers={"Content-Encoding": "deflate"}), id="deflated"),
]
_FLOODS = [
    pytest.param(Fault(body=gzip.compress(b"") * 10_000, headers={"Content-Encoding": "gzip"}), id="empty members"),
    pytest.param(Fault(raw=b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3_000_000), id="a body without an end"),
    pytest.param(Fault(raw=b"HTTP/1.1 100 Continue\r\n\r\n" * 40_000), id="continue, continue"),
    pytest.param(Fault(raw=_CHUNKED + b"0" * 3_000_000), id="a chunk's length without an end"),
    pytest.param(Fault(raw=_CHUNKED + b"1\r\n1\r\n" * 70_000), id="chunks of a byte"),
    pytest.param(Fault(raw=_CHUNKED + b"2\r\n{}\r\n0\r\n" + b"a: b\r\n" * 400_000), id="trailers without an end"),
    pytest.param(Fault(raw=b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 400_000), id="headers without an end"),
    pytest.param(Fault(raw=b"HTTP/1.1 200 " + b"x" * 3_000_000), id="a status line without an end"),
    pytest.param(Fault(trickle="headers", interval=0.05), id="headers in drops"),
    pytest.param(Fault(trickle="body", interval=0.05), id="a body in drops"),
    pytest.param(Fault(headers={"Set-Cookie": "a=b; expires=1" + " " * 60_000 + "!"}), id="a cookie's date"),
]


@pytest.mark.parametrize("fault", [*_BOMBS, *_FLOODS])
def test_a_flood_of_the_sts(settings: Settings, services: SimulatedServices, fault: Fault) -> None:
    """An STS that sends too much can't keep an exchange beyond its deadline, and little of it is kept in memory."""
    services.sts.faults.set(fault)
    assert run_exchange(settings, services, _LIMIT_S).seconds < _MOST_S


@pytest.mark.parametrize("name", ["identity", "key-vault"])
@pytest.mark.parametrize("fault", _BOMBS)
def test_a_bomb_for_an_sdk(settings: Settings, services: SimulatedServices, name: str, fault: Fault) -> None:
    """A compressed response reaches the SDKs only up to the size limit of every response."""
    services.by_name()[name].faults.set(fault)
    assert run_exchange(settings, services, _LIMIT_S).code == f"{name}-unavailable"
