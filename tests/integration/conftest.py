"""The function in Microsoft's worker library, against the simulated services."""

import importlib
import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from local.host.azure_log import AzureLogHandler
from local.host.worker import Worker
from local.services.simulated_services import SimulatedServices
from tests.integration.app import App, Load, ShiftedTime

ROOT = Path(__file__).parents[2]
_OURS = ("ARR_", "AZURE_", "IDENTITY_", "KEY_VAULT_URL", "WEBSITE_AUTH_ENABLED", "MSI_")


@pytest.fixture
def _modules() -> Iterator[None]:
    """Have the function import a new set of our modules, and give the other tests theirs back."""
    ours = _take_out()
    yield
    _take_out()
    sys.modules.update(ours)


def _take_out() -> dict[str, ModuleType]:
    # A copy: an exchange's thread may be importing.
    names = [name for name in list(sys.modules) if name.split(".")[0] == "shared"]
    return {name: sys.modules.pop(name) for name in names}


@pytest.fixture
async def load(_modules: None, services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Load]:
    """Load the function with the simulated services' settings; keyword arguments replace some, None takes one away."""
    from azure.keyvault.secrets._shared import http_challenge_cache  # noqa: PLC0415

    http_challenge_cache.clear()
    handlers: list[AzureLogHandler] = []

    async def start(**settings: str | None) -> App:
        for name in os.environ:
            if name.startswith(_OURS):
                monkeypatch.delenv(name)
        for name, value in {**services.environment(), **settings}.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        worker = Worker(ROOT)
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
