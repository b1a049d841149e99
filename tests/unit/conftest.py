"""Settings of the unit tests."""

from hypothesis import HealthCheck, settings

# What has to be quick is timed by tests of its own; a busy machine is no failure.
settings.register_profile("unit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unit")
