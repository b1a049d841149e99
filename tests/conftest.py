"""Shared by all tests: no network, the simulated services, and the function in Microsoft's worker."""

import gc
import importlib
import ipaddress
import logging
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from local.services.simulated_services import SimulatedServices
from tests import function_threads
from tests.environment import replace_ours

if TYPE_CHECKING:
    from tests.integration.app import Load

_ROOT = Path(__file__).parents[1]

_USUAL_S = 0.3  # an exchange without a fault ends within this time
_PATIENCE_S = 30.0  # any other exchange that can end does so within this time, on a busy machine
_LOOPBACK_NAMES = {None, "", "localhost", b"localhost"}


def _is_loopback(host: Any) -> bool:
    if host in _LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Stop every call beyond 127.0.0.1; a name of .invalid fails to resolve, as on any network."""
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
    """The simulated services in their initial state."""
    _running.reset()
    yield _running
    gc.unfreeze()  # `shared.imports` has exempted this process's garbage, too
    _end_exchanges(_running)
    _running.reset()


def _end_exchanges(services: SimulatedServices) -> None:
    """Wait for exchanges that outlive their test: they would call the next test's simulated services."""
    if not function_threads.end(within_s=_USUAL_S):
        for service in services.by_name().values():
            service.faults.clear()
            service.refuse()  # ends hanging calls
            service.accept()
        assert function_threads.end(within_s=_PATIENCE_S)


@pytest.fixture
def _modules() -> Iterator[None]:
    """Have the function import its own set of our modules, and restore those of the other tests."""
    ours = _take_out()
    yield
    _take_out()
    sys.modules.update(ours)


def _take_out() -> dict[str, ModuleType]:
    # A copy: an exchange's thread may be importing.
    names = [name for name in list(sys.modules) if name.split(".")[0] == "shared"]
    return {name: sys.modules.pop(name) for name in names}


@pytest.fixture
async def load(_modules: None, services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator["Load"]:
    """Load the function with the simulated services' settings; keyword arguments replace some, None removes one."""
    # Only tests of the whole function need the worker and the SDKs.
    from azure.keyvault.secrets._shared import http_challenge_cache  # noqa: PLC0415  # see above

    from local.host.azure_log import AzureLogHandler  # noqa: PLC0415  # see above
    from local.host.worker import Worker  # noqa: PLC0415  # see above
    from tests.integration.app import App, ShiftedTime  # noqa: PLC0415  # see above

    http_challenge_cache.clear()
    handlers: list[AzureLogHandler] = []

    async def start(**settings: str | None) -> App:
        replace_ours(monkeypatch, {**services.environment(), **settings})
        worker = Worker(_ROOT)
        handlers.append(AzureLogHandler(worker.running))
        logging.getLogger().addHandler(handlers[-1])
        importlib.import_module("shared.clock")
        clock = ShiftedTime()
        monkeypatch.setattr(sys.modules["shared.clock"], "time", clock)
        await worker.load()
        return App(worker, handlers[-1], clock)

    yield start
    for handler in handlers:
        logging.getLogger().removeHandler(handler)
