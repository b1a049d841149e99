"""Small parsers without state: MS-CV, HTTP date, Retry-After, GUID, visible ASCII.

MS-CV is the correlation vector of Microsoft's services. Source: https://github.com/microsoft/CorrelationVector
(version 2: a base of 22 base64 characters; version 1: 16).
"""

import base64
import os
import re
import uuid
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from shared.limits import MAX_RETRY_AFTER_S

_DELAY_DIGITS = 9  # a longer number is over the maximum anyway
_BASE_BYTES = 16
_BASE_LENGTH = 22
_MAX_LENGTH = 128  # of a correlation vector, and of a value in a log line
_VECTOR = r"(?:[A-Za-z0-9+/]{22}|[A-Za-z0-9+/]{16})(?:\.[0-9]{1,10})*"


def new_ms_cv_base() -> str:
    """Return a new base: 22 characters of base64."""
    return base64.b64encode(os.urandom(_BASE_BYTES))[:_BASE_LENGTH].decode()


def parse_ms_cv(unverified_vector: str | None) -> str | None:
    """Return the MS-CV if it is well-formed, else None."""
    if unverified_vector and len(unverified_vector) <= _MAX_LENGTH and re.fullmatch(_VECTOR, unverified_vector):
        return unverified_vector
    return None


def ms_cv_from(headers: Mapping[str, str]) -> str | None:
    """Return the MS-CV of an STS response, without white space around it, or None if it is not safe to pass on."""
    return header_safe_or_none(headers.get("MS-CV", "").strip(" \t"))


def header_safe_or_none(unverified_value: str | None) -> str | None:
    """Return the value if it may stand in a header and a log line (1 to 128 visible ASCII characters), else None."""
    if unverified_value and len(unverified_value) <= _MAX_LENGTH and is_visible_ascii(unverified_value):
        return unverified_value
    return None


def is_visible_ascii(text: str) -> bool:
    """Tell whether the text consists of 0x21 to 0x7E; HTTP libraries put other header values into exceptions."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def is_guid(text: str) -> bool:
    """Tell whether the text is a GUID with hyphens and without braces, as Azure writes account and object ids."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def http_date(value: str | None) -> float | None:
    """Return an HTTP date (RFC 9110 section 5.6.7) as seconds since 1970, or None if it can't be read."""
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def retry_after_s(headers: Mapping[str, str], wall_s: float) -> int | None:
    """Return Retry-After (RFC 9110 section 10.2.3) in whole seconds from 0 to 3600, or None if it can't be read.

    A date counts from the upstream's own ``Date``, or from ``wall_s`` (seconds since 1970) if that can't be read.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(int(value.lstrip("0")[:_DELAY_DIGITS] or "0"), MAX_RETRY_AFTER_S)
    until = http_date(value)
    if until is None:
        return None
    now = http_date(headers.get("Date"))
    return int(max(0.0, min(until - (wall_s if now is None else now), MAX_RETRY_AFTER_S)))
