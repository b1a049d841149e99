"""Simulated service for the managed-identity endpoint of App Service."""

import secrets
import time
import uuid
from typing import override

from aiohttp import web

from local.services import jwts
from local.services.service import SimulatedService

TENANT_ID = "72f988bf-0000-4000-8000-2d7cd011db47"
API_VERSION = "2019-08-01"
# The only user-assigned identity at the start.
CLIENT_ID = "5d4b1d9c-8a0e-4b6e-9c51-1c3a5a0e7a11"
_PATH = "/msi/token"
_LIFETIME_S = 86_400
_TOKENS_KEPT = 1_000


class Identity(SimulatedService):
    """Issues tokens for any resource to callers that send the header's secret.

    `client_ids` are the user-assigned identities, in lower case; a test may change them at any time. There is always a
    system-assigned one, too.
    """

    def __init__(self) -> None:
        super().__init__()
        self.client_ids = {CLIENT_ID}
        self.header = secrets.token_hex(16).upper()
        self._principal = str(uuid.uuid4())
        self._issued: dict[str, tuple[str, int]] = {}

    @property
    @override
    def url(self) -> str:
        return self.origin + _PATH

    def revoke_tokens(self) -> None:
        """Make Key Vault and the STS refuse all tokens so far. `reset()` does not, because the SDK caches tokens."""
        self._issued.clear()

    def issued(self, token: str, resource: str) -> bool:
        """Tell whether this service issued the token, for that resource, and it has not expired."""
        for_resource, expires = self._issued.get(token, ("", 0))
        return for_resource == resource and time.time() < expires

    @override
    def reset(self) -> None:
        super().reset()
        self.client_ids = {CLIENT_ID}

    @override
    async def respond(self, request: web.BaseRequest) -> web.Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        resource, client_id = request.query["resource"], request.query.get("client_id", "")
        times = jwts.lifetime_claims(_LIFETIME_S)
        token = jwts.sign(self._claims(resource, client_id) | times)
        while len(self._issued) >= _TOKENS_KEPT:
            self._issued.pop(next(iter(self._issued)))
        self._issued[token] = (resource, times["exp"])
        body = {
            "access_token": token,
            "expires_on": str(times["exp"]),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": client_id or self._principal,
        }
        return web.json_response(body, headers={"Cache-Control": "no-store"})

    @override
    def error(self, status: int) -> web.Response:
        return _error(status, "The simulated service fails as it was told to.")

    def _refusal(self, request: web.BaseRequest) -> web.Response | None:
        query = request.query
        if request.path != _PATH or request.method != "GET":
            return _error(404, "Not found.")
        if not secrets.compare_digest(request.headers.get("X-IDENTITY-HEADER", "").encode(), self.header.encode()):
            return _error(401, "The X-IDENTITY-HEADER header is missing or wrong.")
        if query.get("api-version") != API_VERSION:
            return _error(400, f"The api-version must be {API_VERSION}.")
        if not query.get("resource"):
            return _error(400, "The resource is missing.")
        if "client_id" in query and query["client_id"].lower() not in self.client_ids:
            return _error(400, "No user-assigned managed identity has the client_id of the request.")
        return None

    def _claims(self, resource: str, client_id: str) -> dict[str, str]:
        return {
            "aud": resource,
            "iss": f"https://sts.windows.net/{TENANT_ID}/",
            "idtyp": "app",
            "appid": client_id or self._principal,
            "oid": self._principal,
            "sub": self._principal,
            "tid": TENANT_ID,
            "uti": secrets.token_urlsafe(16),
            "ver": "1.0",
        }


def _error(status: int, message: str) -> web.Response:
    body = {"statusCode": status, "message": message, "correlationId": str(uuid.uuid4())}
    return web.json_response(body, status=status)
