"""What an unverified JWT says of itself. Only the service that a token is made for can verify it."""

import base64
import binascii
import json
from typing import Any, Final

from shared.formats import http_date

_LAST_SECOND: Final = 253_402_300_799  # of the year 9999: datetime can't represent a later one
_MOST_DIGITS: Final = 12  # of that second
_JWT_PARTS: Final = 3  # header, claims, signature


def unverified_lifetime(token: str, sts_date: str | None) -> tuple[int | None, int | None]:
    """Return ``exp`` (seconds since 1970) and the lifetime at issue in seconds; None for what can't be read.

    The lifetime is the smaller of ``exp - Date`` and ``exp - iat``, so that a wrong ``Date`` does not lengthen it.
    """
    claims = _claims(token)
    expires_on = _seconds(claims.get("exp"))
    if expires_on is None:
        return None, None
    issued_on = [second for second in (http_date(sts_date), _seconds(claims.get("iat"))) if second is not None]
    return expires_on, expires_on - int(max(issued_on)) if issued_on else None


def json_object(text: bytes) -> dict[str, Any]:
    """Return the JSON object, or an empty one if the text is anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _claims(token: str) -> dict[str, Any]:
    parts = [_base64url(part) for part in token.split(".")]
    if len(parts) != _JWT_PARTS or None in parts:
        return {}
    return json_object(parts[1] or b"")


def _base64url(text: str) -> bytes | None:
    if "+" in text or "/" in text:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
    except binascii.Error:
        return None


def _seconds(claim: object) -> int | None:
    """Read a date claim: a whole number, or a string of digits as in the SDKs' recordings."""
    if isinstance(claim, str) and claim.isascii() and claim.isdigit():
        significant = claim.lstrip("0")
        claim = int(significant) if len(significant) <= _MOST_DIGITS and significant else None
    if isinstance(claim, float) and claim.is_integer():
        claim = int(claim)
    if isinstance(claim, int) and not isinstance(claim, bool) and 1 <= claim <= _LAST_SECOND:
        return claim
    return None
