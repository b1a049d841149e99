"""What is known of an access token."""

import math
from dataclasses import dataclass, field

from shared.clock import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """An access token as the STS issued it.

    ``ms_cv`` is that of the STS call that issued it. ``expires_on`` is its ``exp`` in seconds since 1970, and
    ``lifetime_s`` its lifetime at issue (contract section 4); each is None if it can't be read.
    """

    value: str = field(repr=False)
    ms_cv: str | None
    issued_at: Moment
    expires_on: int | None
    lifetime_s: int | None

    def remaining_s(self, age_s: float) -> float:
        """Return the remaining lifetime in seconds at this age; infinite if the lifetime can't be read."""
        return math.inf if self.lifetime_s is None else self.lifetime_s - age_s
