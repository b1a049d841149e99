"""What all tests share: no way out to the network, and the simulated services."""

import ipaddress
import socket
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from local.services.simulated_services import SimulatedServices

_USUAL_S = 0.3  # in which an exchange ends that no fault holds up
_PATIENCE_S = 30.0  # for one that can end, on a busy machine
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
def _running() -> Iterator[SimulatedServices]:
    with SimulatedServices() as services:
        yield services


@pytest.fixture
def services(_running: SimulatedServices) -> Iterator[SimulatedServices]:
    """The simulated services of the three upstream services, as after their start."""
    _running.reset()
    yield _running
    _end_exchanges(_running)
    _running.reset()


def _end_exchanges(services: SimulatedServices) -> None:
    """Wait for exchanges that outlive their test: they would call the simulated services of the next."""
    threads = [thread for thread in threading.enumerate() if thread.name == "arr-token-exchange"]
    if _any_alive(threads, _USUAL_S):
        for service in services.by_name().values():
            service.faults.clear()
            service.refuse()  # ends what hangs
            service.accept()
        assert not _any_alive(threads, _PATIENCE_S)


def _any_alive(threads: Iterable[threading.Thread], patience_s: float) -> bool:
    until = time.monotonic() + patience_s
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return any(thread.is_alive() for thread in threads)
