"""The 200: contract section 4. What is the same for every response with one token is computed once."""

import hashlib
import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

import azure.functions as func

from shared.api.response import CONTENT_TYPE, Response
from shared.settings import Settings
from shared.tokens.cache import CachedToken
from shared.tokens.issued_token import IssuedToken

_JSON: Final = "application/json; charset=utf-8"
_DIGEST_LENGTH: Final = 16  # contract section 7


class TokenResponse:
    """The responses for one token. For the event loop only. ``digest`` identifies the token in the log."""

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
        self._headers = {CONTENT_TYPE: _JSON, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        if token.ms_cv is not None:
            self._headers["MS-CV"] = token.ms_cv

    def expires_in_s(self, cached: CachedToken) -> int | None:
        """Return the remaining lifetime in whole seconds, or None if it can't be read."""
        return None if self.token.lifetime_s is None else max(0, int(self.token.lifetime_s - cached.age_s))

    def response(self, cached: CachedToken, request_id: str) -> func.HttpResponse:
        """Return the response with the token at its present age."""
        headers = self._headers | {"Age": str(int(cached.age_s)), "x-ms-request-id": request_id}
        expires_in_s = self.expires_in_s(cached)
        body = f"{self._before}{'null' if expires_in_s is None else expires_in_s}{self._after}"
        return Response(HTTPStatus.OK, headers, body.encode("ascii"))
