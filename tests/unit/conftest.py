"""Settings of the unit tests."""

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# Other tests measure the speed; a busy machine is no failure.
settings.register_profile("unit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples every time, so that each run notices the same mutants.
settings.register_profile("mutate", settings.get_profile("unit"), derandomize=True, database=None)
settings.load_profile("mutate" if os.environ.get("HYPOTHESIS_PROFILE") == "mutate" else "unit")


@pytest.fixture
def _in_japan(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A host whose clock is nine hours ahead of UTC."""
    monkeypatch.setenv("TZ", "JST-9")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
