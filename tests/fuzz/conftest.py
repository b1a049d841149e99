"""The simulated services with a secret that rubbish may hold."""

import os

import pytest

from local.services.simulated_services import SimulatedServices
from shared.settings import Settings, read_settings
from tests.fuzz.rubbish import ECHO

_OURS = ("ARR_", "AZURE_", "IDENTITY_", "KEY_VAULT_URL", "MSI_")


@pytest.fixture
def settings(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Lead the SDKs and the exchanges of a test to the simulated services."""
    for name in os.environ:
        if name.startswith(_OURS):
            monkeypatch.delenv(name)
    for name, value in services.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(services.account.keys, "primary", ECHO)
    services.reset()
    return read_settings(os.environ)
