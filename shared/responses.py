"""The wire: contract section 4. What does not change while a token is held is computed once for it."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Final, override

import azure.functions as func

from shared.errors import ArrTokenError, TransientError, Unauthenticated
from shared.problems import prose
from shared.settings import Settings
from shared.token_cache import Grant
from shared.tokens import IssuedToken

_JSON: Final = "application/json; charset=utf-8"
_PROBLEM: Final = "application/problem+json"
_DIGEST_LENGTH: Final = 16  # contract section 7


class _Headers(dict[str, str]):
    """Plain headers, which cost the worker less than the SDK's map; it asks for ``content-type`` in lower case."""

    @override
    def __contains__(self, name: object) -> bool:
        return name == "content-type" or super().__contains__(name)


class _Response(func.HttpResponse):
    """An answer whose headers and body are taken as they are."""

    def __init__(self, status: int, headers: _Headers, body: bytes) -> None:
        self._status = status
        self._plain_headers = headers
        self._body = body

    @property
    @override
    def status_code(self) -> int:
        return self._status

    @property
    @override
    def headers(self) -> _Headers:  # type: ignore[override]  # the worker reads no more of it than a dict has
        return self._plain_headers

    @override
    def get_body(self) -> bytes:
        return self._body


class TokenAnswer:
    """The answer for one token."""

    def __init__(self, token: IssuedToken, settings: Settings) -> None:
        self.token = token
        self.digest = hashlib.sha256(token.value.encode("ascii")).hexdigest()[:_DIGEST_LENGTH]
        expires_on = None if token.expires_on is None else datetime.fromtimestamp(token.expires_on, UTC)
        first = {
            "AccessToken": token.value,
            "MsCv": token.ms_cv,
            "ExpiresOn": expires_on and expires_on.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        last = {"AccountId": settings.account_id, "AccountDomain": settings.account_domain}
        self._before = json.dumps(first)[:-1] + ', "ExpiresIn": '
        self._after = ", " + json.dumps(last)[1:]
        self._headers = _Headers(
            {"Content-Type": _JSON, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        )
        if token.ms_cv is not None:
            self._headers["MS-CV"] = token.ms_cv

    def expires_in_s(self, grant: Grant) -> int | None:
        """Return the whole seconds that are left, or None where the life can't be read."""
        return None if self.token.life_s is None else max(0, int(self.token.life_s - grant.age_s))

    def response(self, grant: Grant, request_id: str) -> func.HttpResponse:
        """Return the answer at this age."""
        headers = _Headers(self._headers)
        headers["Age"] = str(int(grant.age_s))
        headers["x-ms-request-id"] = request_id
        left = self.expires_in_s(grant)
        body = f"{self._before}{'null' if left is None else left}{self._after}"
        return _Response(200, headers, body.encode("ascii"))


def problem(error: ArrTokenError, request_id: str) -> func.HttpResponse:
    """Return a failure as application/problem+json (RFC 9457)."""
    headers = _Headers(
        {
            "Content-Type": _PROBLEM,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "x-ms-request-id": request_id,
        }
    )
    if error.ms_cv is not None:
        headers["MS-CV"] = error.ms_cv
    if isinstance(error, TransientError) and error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    title, detail = prose(error)
    body = {
        "type": f"urn:arr-token:problem:{error.code}",
        "title": title,
        "status": error.status,
        "detail": detail,
        "code": error.code,
        "requestId": request_id,
        "msCv": error.ms_cv,
    }
    return _Response(error.status, headers, json.dumps(body).encode("ascii"))
