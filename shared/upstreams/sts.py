"""One call of the Mixed Reality Security Token Service (STS).

Source: azure-rest-api-specs, specification/mixedreality/data-plane/Microsoft.MixedReality/preview/2019-02-28-preview/
mr-sts.json, and recorded responses (docs/contract.md, section 2).
"""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
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
from shared.upstreams.failures import TRANSIENT_STATUSES, UpstreamFailures
from shared.upstreams.jwt_claims import json_object, unverified_lifetime
from shared.upstreams.transport import Transport

SCOPE: Final = "https://sts.mixedreality.azure.com//.default"  # for the identity's own token; both slashes belong to it
_NAME: Final = "sts"
_REJECTED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class Sts:
    """The STS of one account, within one exchange."""

    def __init__(self, url: str, account_id: str, connections: Connections, *, keyless: bool) -> None:
        error_for_status = partial(_error_for_status, IdentityRejected if keyless else AccountKeyRejected)
        failures = UpstreamFailures(_NAME, StsUnavailable, StsInvalidResponse, error_for_status, sends_ms_cv=True)
        self._transport = Transport(failures, connections, self._before_attempt)
        self._clock = connections.clock
        self._sent_at = self._clock()
        self._url = f"{url}/accounts/{account_id}/token"

    def issue(self, credential: Secret) -> IssuedToken:
        """Return a new token for ``<account id>:<account key>`` or an identity token. Raises `ArrTokenError`."""
        response = self._transport.session.get(self._url, auth=_bearer(credential), allow_redirects=False)
        ms_cv = ms_cv_from(response.headers)
        token = json_object(response.content).get("AccessToken")
        if not isinstance(token, str) or not is_visible_ascii(token):
            raise _invalid(ms_cv, "body")
        expires_on, lifetime_s = unverified_lifetime(token, response.headers.get("Date"))
        if lifetime_s is not None and lifetime_s <= 0:
            raise _invalid(ms_cv, "expired")
        return IssuedToken(
            value=token, ms_cv=ms_cv, issued_at=self._sent_at, expires_on=expires_on, lifetime_s=lifetime_s
        )

    def _before_attempt(self, request: requests.PreparedRequest) -> None:
        request.headers["X-MRC-CV"] = new_ms_cv_base()
        self._sent_at = self._clock()


def _error_for_status(rejected: type[ArrTokenError], status: int, ms_cv: str | None) -> type[ArrTokenError] | None:
    if status == HTTPStatus.OK:
        return None
    if status in _REJECTED:
        return rejected
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return StsThrottled
    if status in TRANSIENT_STATUSES or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return StsUnavailable
    # Without MS-CV, a 404 or 410 comes from a parked name, or from an edge host that has no STS behind it.
    is_from_sts = status >= HTTPStatus.BAD_REQUEST and not (status in _GONE and ms_cv is None)
    return StsRejectedRequest if is_from_sts else StsInvalidResponse


def _invalid(ms_cv: str | None, kind: str) -> StsInvalidResponse:
    return StsInvalidResponse(ms_cv=ms_cv, upstream=_NAME, upstream_status=HTTPStatus.OK, kind=kind)


def _bearer(credential: Secret) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {credential.reveal()}"
        return request

    return authorize
