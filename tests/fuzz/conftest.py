"""The simulated services with a secret that rubbish may hold."""

import os

import pytest

import shared.upstreams.transport
from local.services.simulated_services import SimulatedServices
from shared.settings import Settings, read_settings
from tests.fuzz.rubbish import ECHO

_OURS = ("ARR_", "AZURE_", "IDENTITY_", "KEY_VAULT_URL", "MSI_")


@pytest.fixture
def settings(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Lead the SDKs and the exchanges of a test to the simulated services; retries come without their pauses."""
    for name in os.environ:
        if name.startswith(_OURS):
            monkeypatch.delenv(name)
    for name, value in services.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(shared.upstreams.transport, "_BACK_OFF_S", (0.0, 0.0))
    monkeypatch.setitem(services.account.keys, "primary", ECHO)
    services.reset()
    return read_settings(os.environ)
