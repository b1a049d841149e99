"""Two HTTP header fields that upstreams get wrong in every way (RFC 9110 sections 5.6.7 and 10.2.3)."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

MAX_RETRY_AFTER_S = 3600  # contract sections 4 and 5: nobody is sent away for longer than an hour
_DELAY_DIGITS = 9  # more of them say nothing new: they are over the maximum anyway


def http_date(value: str | None) -> float | None:
    """Return an HTTP date as seconds since 1970, or None where it can't be read."""
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def retry_after_s(headers: Mapping[str, str], wall_s: float) -> int | None:
    """Return Retry-After in whole seconds from 0 to 3600, or None where there is none or it can't be read.

    A date counts from the upstream's own ``Date``, and from ``wall_s`` (seconds since 1970) where that can't be read.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(int(value.lstrip("0")[:_DELAY_DIGITS] or "0"), MAX_RETRY_AFTER_S)
    until = http_date(value)
    if until is None:
        return None
    now = http_date(headers.get("Date"))
    return int(max(0.0, min(until - (wall_s if now is None else now), MAX_RETRY_AFTER_S)))
