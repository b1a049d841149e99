"""The stand-ins with a secret that rubbish may hold."""

import os

import pytest

import shared.line
from local.stand_ins import StandIns
from shared.settings import Settings, read_settings
from tests.fuzz.rubbish import ECHO

_OURS = ("ARR_", "AZURE_", "IDENTITY_", "KEY_VAULT_URL", "MSI_")


@pytest.fixture
def settings(stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Lead the SDKs and the exchanges of a test to the stand-ins; retries come without their pauses."""
    for name in os.environ:
        if name.startswith(_OURS):
            monkeypatch.delenv(name)
    for name, value in stand_ins.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(shared.line, "_BACK_OFF_S", (0.0, 0.0))
    monkeypatch.setitem(stand_ins.account.keys, "primary", ECHO)
    stand_ins.reset()
    return read_settings(os.environ)
