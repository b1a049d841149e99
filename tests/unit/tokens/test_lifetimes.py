"""shared.tokens.lifetimes: the ages at which a token is stale, no longer usable, and never served."""

import math

import pytest

from shared.clock import Moment
from shared.tokens.issued_token import IssuedToken
from shared.tokens.lifetimes import (
    LifetimePolicy,
    is_shorter,
    remaining_s,
    satisfies,
    served_for_s,
    stale_after_s,
    usable_for_s,
)
from tests.unit.support import DAY_S

_DEFAULTS = LifetimePolicy(refresh_after_s=3600, jittered_refresh_after_s=3600, min_validity_s=900)
_JITTERED = _DEFAULTS._replace(jittered_refresh_after_s=3960)
_NO_RESERVE = _DEFAULTS._replace(min_validity_s=0)


def _token(lifetime_s: int | None) -> IssuedToken:
    return IssuedToken(value="ey", ms_cv=None, issued_at=Moment(0, 0), expires_on=None, lifetime_s=lifetime_s)


@pytest.mark.parametrize(
    ("policy", "lifetime_s", "stale_s", "usable_s", "served_s"),
    [
        pytest.param(_DEFAULTS, DAY_S, 3600, DAY_S - 900, DAY_S, id="as the STS issues it"),
        pytest.param(_JITTERED, DAY_S, 3960, DAY_S - 900, DAY_S, id="a worker that refreshes later"),
        pytest.param(_DEFAULTS, 8101, 3600, 7201, 8101, id="twice ARR_REFRESH_AFTER_SECONDS usable"),
        pytest.param(_DEFAULTS, 8099, 3599.5, 7199, 8099, id="less: stale at half of the usable life"),
        pytest.param(_DEFAULTS, 931, 15.5, 31, 931, id="31 s over ARR_MIN_VALIDITY_SECONDS"),
        pytest.param(_DEFAULTS, 930, 15, 30, 930, id="30 s over: usable for 30 s"),
        pytest.param(_DEFAULTS, 901, 15, 30, 901, id="1 s over: usable for 30 s"),
        pytest.param(_DEFAULTS, 600, 15, 30, 600, id="less than ARR_MIN_VALIDITY_SECONDS: usable for 30 s"),
        pytest.param(_DEFAULTS, 30, 15, 30, 30, id="30 s"),
        pytest.param(_DEFAULTS, 29, 14.5, 29, 29, id="29 s: usable until it expires"),
        pytest.param(_DEFAULTS, 1, 0.5, 1, 1, id="1 s"),
        pytest.param(_NO_RESERVE, 31, 15.5, 31, 31, id="no ARR_MIN_VALIDITY_SECONDS"),
        pytest.param(_NO_RESERVE, 20, 10, 20, 20, id="no ARR_MIN_VALIDITY_SECONDS and a short life"),
        pytest.param(_DEFAULTS, None, 1800, 3600, 3600, id="unknown life: ARR_REFRESH_AFTER_SECONDS"),
        pytest.param(_JITTERED, None, 1800, 3600, 3600, id="unknown life: jitter does not lengthen it"),
    ],
)
def test_ages(policy: LifetimePolicy, lifetime_s: int | None, stale_s: float, usable_s: float, served_s: float) -> None:
    """A token is refreshed, stops being handed out and stops being served at the ages of the contract."""
    token = _token(lifetime_s)
    assert stale_after_s(token, policy) == stale_s
    assert usable_for_s(token, policy) == usable_s
    assert served_for_s(token, policy) == served_s


@pytest.mark.parametrize(
    ("lifetime_s", "age_s", "min_validity_s", "renew", "satisfied"),
    [
        pytest.param(DAY_S, 60, 0, False, True, id="no demands"),
        pytest.param(DAY_S, 60, DAY_S - 60, False, True, id="exactly the lifetime asked for"),
        pytest.param(DAY_S, 60.1, DAY_S - 60, False, False, id="less than asked for"),
        pytest.param(DAY_S, 29.9, DAY_S, False, True, id="less than asked for, but new"),
        pytest.param(DAY_S, 29.9, 0, True, True, id="no-cache: new"),
        pytest.param(DAY_S, 30, 0, True, False, id="no-cache: 30 s old"),
        pytest.param(None, 3000, 82_800, False, True, id="unknown life"),
        pytest.param(None, 3000, 0, True, False, id="unknown life, no-cache"),
    ],
)
def test_satisfies(lifetime_s: int | None, age_s: float, min_validity_s: int, renew: bool, satisfied: bool) -> None:
    """A request causes an exchange only if the token is 30 s old and is not what the request asks for."""
    assert satisfies(_token(lifetime_s), age_s, min_validity_s=min_validity_s, renew=renew) is satisfied


@pytest.mark.parametrize(
    ("lifetime_s", "age_s", "expected_s"),
    [
        pytest.param(100, 0.0, 100.0, id="new"),
        pytest.param(100, 99.5, 0.5, id="about to expire"),
        pytest.param(100, 101.0, -1.0, id="expired"),
        pytest.param(None, 1e9, math.inf, id="unknown life"),
    ],
)
def test_remaining(lifetime_s: int | None, age_s: float, expected_s: float) -> None:
    """The remaining lifetime is the lifetime at issue minus the age."""
    assert remaining_s(_token(lifetime_s), age_s) == expected_s


@pytest.mark.parametrize(
    ("new_lifetime_s", "new_age_s", "cached_lifetime_s", "cached_age_s", "shorter"),
    [
        pytest.param(600, 0, DAY_S, 60, True, id="much shorter"),
        pytest.param(1000, 0, 1000, 0, False, id="the same"),
        pytest.param(998, 0, 1000, 0, False, id="within the resolution of Date"),
        pytest.param(997, 0, 1000, 0, True, id="beyond the resolution of Date"),
        pytest.param(1000, 3, 1000, 0, True, id="issued alike, but older"),
        pytest.param(600, 0, 1000, 500, False, id="less at issue, more left"),
        pytest.param(None, 0, DAY_S, 0, False, id="unknown, so not certainly shorter"),
        pytest.param(600, 0, None, 0, False, id="the cached one's is unknown"),
    ],
)
def test_is_shorter(
    new_lifetime_s: int | None, new_age_s: float, cached_lifetime_s: int | None, cached_age_s: float, shorter: bool
) -> None:
    """A refresh throws away a new token only if it certainly has less life left than the cached one."""
    assert is_shorter(_token(new_lifetime_s), new_age_s, _token(cached_lifetime_s), cached_age_s) is shorter
