"""What is known of an access token."""

from dataclasses import dataclass, field

from shared.clock import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """An access token as the STS issued it.

    ``ms_cv`` is that of the STS call that issued it. ``issued_at`` is when that call was sent, so that the token is
    never older than its age says. ``expires_on`` is its ``exp`` in seconds since 1970, ``lifetime_s`` its lifetime at
    issue in seconds (contract section 4); each is None if it can't be read.
    """

    value: str = field(repr=False)
    ms_cv: str | None
    issued_at: Moment
    expires_on: int | None
    lifetime_s: int | None
