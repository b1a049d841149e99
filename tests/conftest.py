"""What all tests share: no way out to the network, and the stand-ins."""

import ipaddress
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from local.stand_ins import StandIns

_LOOPBACK_NAMES = {None, "", "localhost", b"localhost"}


def _is_loopback(host: Any) -> bool:
    if host in _LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Let no test reach beyond 127.0.0.1; a name of .invalid fails to resolve, as it would anywhere."""
    if event == "socket.getaddrinfo" and not _is_loopback(arguments[0]):
        if str(arguments[0]).endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        raise RuntimeError(f"a test asked for the address of {arguments[0]}")
    if event == "socket.connect" and isinstance(arguments[1], tuple) and not _is_loopback(arguments[1][0]):
        raise RuntimeError(f"a test connected to {arguments[1]}")


sys.addaudithook(_guard)


@pytest.fixture(scope="session")
def _running() -> Iterator[StandIns]:
    with StandIns() as stand_ins:
        yield stand_ins


@pytest.fixture
def stand_ins(_running: StandIns) -> Iterator[StandIns]:
    """The stand-ins of the three upstream services, as after their start."""
    _running.reset()
    yield _running
    _running.reset()
