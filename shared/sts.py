"""One call of the Mixed Reality Security Token Service (STS).

Source: azure-rest-api-specs, specification/mixedreality/data-plane/Microsoft.MixedReality/preview/2019-02-28-preview/
mr-sts.json, and what was recorded of it (docs/contract.md, section 2).
"""

import base64
import binascii
import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import requests

from shared.connections import Connections
from shared.correlation import new_base, of_answer
from shared.errors import (
    AccountKeyRejected,
    ArrTokenError,
    IdentityRejected,
    StsInvalidResponse,
    StsRejectedRequest,
    StsThrottled,
    StsUnavailable,
)
from shared.http_fields import http_date
from shared.line import Line
from shared.tokens import IssuedToken, Secret, is_visible_ascii
from shared.upstream import Upstream

SCOPE: Final = "https://sts.mixedreality.azure.com//.default"  # for the identity's own token; both slashes belong to it
_NAME: Final = "sts"
_OK: Final = 200
_THROTTLED: Final = 429
_SERVER_ERROR: Final = 500
_REJECTED: Final = frozenset({401, 403})
_CLIENT_ERRORS: Final = range(400, 500)
_LAST_SECOND: Final = 253_402_300_799  # of the year 9999: no date can say more
_MOST_DIGITS: Final = 12  # of that second
_JWT_PARTS: Final = 3  # header, claims, signature


def _refusal(rejected: type[ArrTokenError], status: int) -> type[ArrTokenError] | None:
    if status == _OK:
        return None
    if status in _REJECTED:
        return rejected
    if status == _THROTTLED:
        return StsThrottled
    if status in _CLIENT_ERRORS:
        return StsRejectedRequest
    return StsUnavailable if status >= _SERVER_ERROR else StsInvalidResponse


class Sts:
    """The STS of one account, within one exchange."""

    def __init__(self, url: str, account_id: str, connections: Connections, *, keyless: bool) -> None:
        rejected = IdentityRejected if keyless else AccountKeyRejected
        upstream = Upstream(_NAME, StsUnavailable, StsInvalidResponse, partial(_refusal, rejected), sends_ms_cv=True)
        self._line = Line(upstream, connections, prepare=_stamp)
        self._url = f"{url}/accounts/{account_id}/token"

    def issue(self, credential: Secret) -> IssuedToken:
        """Return a new token for ``<account id>:<account key>`` or an identity token. Raises `ArrTokenError`."""
        answer = self._line.session.get(self._url, auth=_bearer(credential), allow_redirects=False)
        ms_cv = of_answer(answer.headers)
        token = _object(answer.content).get("AccessToken")
        if not isinstance(token, str) or not is_visible_ascii(token):
            raise StsInvalidResponse(ms_cv=ms_cv, upstream=_NAME, upstream_status=_OK, kind="body")
        expires_on, life_s = _life(_unverified_claims(token), answer.headers.get("Date"))
        if life_s is not None and life_s <= 0:
            raise StsInvalidResponse(ms_cv=ms_cv, upstream=_NAME, upstream_status=_OK, kind="expired")
        return IssuedToken(token, ms_cv=ms_cv, issued_at=self._line.asked_at, expires_on=expires_on, life_s=life_s)


def _bearer(credential: Secret) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {credential.reveal()}"
        return request

    return authorize


def _stamp(request: requests.PreparedRequest) -> None:
    request.headers["X-MRC-CV"] = new_base()


def _unverified_claims(token: str) -> dict[str, Any]:
    """Return what the token says of itself; nothing where it is not a JWT. Only who it is for can verify it."""
    parts = [_base64url(part) for part in token.split(".")]
    if len(parts) != _JWT_PARTS or None in parts:
        return {}
    return _object(parts[1] or b"")


def _base64url(text: str) -> bytes | None:
    if "+" in text or "/" in text:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
    except binascii.Error:
        return None


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _life(claims: dict[str, Any], sts_date: str | None) -> tuple[int | None, int | None]:
    """Return ``exp`` and the seconds to it by the STS's own clock; None for what can't be read."""
    expires_on = _seconds(claims.get("exp"))
    if expires_on is None:
        return None, None
    now = http_date(sts_date)
    issued_on = _seconds(claims.get("iat")) if now is None else int(now)
    return expires_on, None if issued_on is None else expires_on - issued_on


def _seconds(claim: object) -> int | None:
    """Read a date claim: a whole number, or a string of digits, as has been seen."""
    if isinstance(claim, str) and claim.isascii() and claim.isdigit():
        significant = claim.lstrip("0")
        claim = int(significant) if len(significant) <= _MOST_DIGITS and significant else None
    if isinstance(claim, float) and claim.is_integer():
        claim = int(claim)
    if isinstance(claim, int) and not isinstance(claim, bool) and 1 <= claim <= _LAST_SECOND:
        return claim
    return None
