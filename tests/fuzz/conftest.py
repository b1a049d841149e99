"""The simulated services, with a secret that random input may contain."""

import os

import pytest

from local.services.simulated_services import SimulatedServices
from shared.settings import Settings, read_settings
from tests.environment import replace_ours
from tests.fuzz.rubbish import ECHO


@pytest.fixture
def settings(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Lead the SDKs and the exchanges of a test to the simulated services."""
    replace_ours(monkeypatch, services.environment())
    monkeypatch.setitem(services.account.keys, "primary", ECHO)
    services.reset()
    return read_settings(os.environ)
