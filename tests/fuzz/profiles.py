"""The number of examples: HYPOTHESIS_PROFILE is "short" (the same examples in every test run) or "long"."""

import os
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

LIMIT_S: Final = 1.0  # deadline of an exchange with a hanging service
_DEADLINE: Final = timedelta(seconds=5)  # an example takes much less, and one that does not end takes more

settings.register_profile(
    "short",
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=_DEADLINE,
    suppress_health_check=[HealthCheck.too_slow],  # a busy machine is no failure
)
settings.register_profile(
    "long",
    max_examples=2_500,
    deadline=_DEADLINE,
    print_blob=True,  # to find the example again
    suppress_health_check=[HealthCheck.too_slow],
)
_PROFILE: Final = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))

# Hypothesis warns of each failing example that is long, and pytest would show that warning in place of the failure.
long_examples: Final = pytest.mark.filterwarnings(
    "ignore:Generating overly large repr:hypothesis.errors.HypothesisWarning"
)
parsers: Final = _PROFILE
exchanges: Final = settings(_PROFILE, max_examples=_PROFILE.max_examples * 2 // 5)  # they take ten times as long
