"""When a token is usable, stale and expired: contract section 5 as pure functions of token, policy and age."""

import math
from typing import Final, NamedTuple

from shared.tokens.issued_token import IssuedToken

NEW_S: Final = 30.0  # a token younger than this satisfies every request, so that no caller can flood the STS
REFRESH_JITTER: Final = 0.1  # ±10 % for each worker: a fleet that started in step must not refresh in step
_SAME_LIFETIME_S: Final = 2.0  # the STS's Date has a resolution of 1 s, and two of them are compared


class LifetimePolicy(NamedTuple):
    """The settings that rule a token's life, in seconds.

    ``refresh_after_s`` is the setting; ``jittered_refresh_after_s`` is this worker's share of it.
    """

    refresh_after_s: float
    jittered_refresh_after_s: float
    min_validity_s: float


def usable_for_s(token: IssuedToken, policy: LifetimePolicy) -> float:
    """Return the age in seconds from which the token is no longer usable."""
    if token.lifetime_s is None:
        return policy.refresh_after_s
    return max(token.lifetime_s - policy.min_validity_s, min(NEW_S, token.lifetime_s))


def stale_after_s(token: IssuedToken, policy: LifetimePolicy) -> float:
    """Return the age in seconds from which a background refresh is due."""
    return min(policy.jittered_refresh_after_s, usable_for_s(token, policy) / 2)


def served_for_s(token: IssuedToken, policy: LifetimePolicy) -> float:
    """Return the age in seconds from which the token is never served, whatever fails."""
    return policy.refresh_after_s if token.lifetime_s is None else token.lifetime_s


def satisfies(token: IssuedToken, age_s: float, *, min_validity_s: float, renew: bool) -> bool:
    """Tell whether a usable token of this age is what a request asks for (contract section 3)."""
    return age_s < NEW_S or not (renew or remaining_s(token, age_s) < min_validity_s)


def remaining_s(token: IssuedToken, age_s: float) -> float:
    """Return the remaining lifetime in seconds; infinite if it can't be read, as it then satisfies every request."""
    return math.inf if token.lifetime_s is None else token.lifetime_s - age_s


def is_shorter(new: IssuedToken, new_age_s: float, cached: IssuedToken, cached_age_s: float) -> bool:
    """Tell whether a new token certainly has less life left than the cached one."""
    if new.lifetime_s is None or cached.lifetime_s is None:
        return False
    return remaining_s(new, new_age_s) < remaining_s(cached, cached_age_s) - _SAME_LIFETIME_S
