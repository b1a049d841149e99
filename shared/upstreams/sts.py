"""One call of the Mixed Reality Security Token Service (STS).

Source: azure-rest-api-specs, specification/mixedreality/data-plane/Microsoft.MixedReality/preview/2019-02-28-preview/
mr-sts.json, and what was recorded of it (docs/contract.md, section 2).
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import requests

from shared.errors import (
    AccountKeyRejected,
    ArrTokenError,
    IdentityRejected,
    StsInvalidResponse,
    StsRejectedRequest,
    StsThrottled,
    StsUnavailable,
)
from shared.formats import is_visible_ascii, ms_cv_from, new_ms_cv_base
from shared.secret import Secret
from shared.tokens.issued_token import IssuedToken
from shared.upstreams.connections import Connections
from shared.upstreams.failures import UpstreamFailures
from shared.upstreams.jwt_claims import json_object, unverified_lifetime
from shared.upstreams.transport import Transport

SCOPE: Final = "https://sts.mixedreality.azure.com//.default"  # for the identity's own token; both slashes belong to it
_NAME: Final = "sts"
_OK: Final = 200
_THROTTLED: Final = 429
_SERVER_ERROR: Final = 500
_REJECTED: Final = frozenset({401, 403})
_CLIENT_ERRORS: Final = range(400, 500)


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
        upstream = UpstreamFailures(
            _NAME, StsUnavailable, StsInvalidResponse, partial(_refusal, rejected), sends_ms_cv=True
        )
        self._transport = Transport(upstream, connections, prepare=_stamp)
        self._url = f"{url}/accounts/{account_id}/token"

    def issue(self, credential: Secret) -> IssuedToken:
        """Return a new token for ``<account id>:<account key>`` or an identity token. Raises `ArrTokenError`."""
        answer = self._transport.session.get(self._url, auth=_bearer(credential), allow_redirects=False)
        ms_cv = ms_cv_from(answer.headers)
        token = json_object(answer.content).get("AccessToken")
        if not isinstance(token, str) or not is_visible_ascii(token):
            raise StsInvalidResponse(ms_cv=ms_cv, upstream=_NAME, upstream_status=_OK, kind="body")
        expires_on, lifetime_s = unverified_lifetime(token, answer.headers.get("Date"))
        if lifetime_s is not None and lifetime_s <= 0:
            raise StsInvalidResponse(ms_cv=ms_cv, upstream=_NAME, upstream_status=_OK, kind="expired")
        return IssuedToken(
            value=token, ms_cv=ms_cv, issued_at=self._transport.asked_at, expires_on=expires_on, lifetime_s=lifetime_s
        )


def _bearer(credential: Secret) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {credential.reveal()}"
        return request

    return authorize


def _stamp(request: requests.PreparedRequest) -> None:
    request.headers["X-MRC-CV"] = new_ms_cv_base()
