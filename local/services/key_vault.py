"""Simulated service for Key Vault: returns secrets to callers with a token of the simulated identity service."""

import re
import ssl
import time
import uuid
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import override

from aiohttp import web

from local.services.identity import TENANT_ID, Identity
from local.services.service import SimulatedService

_PATH = re.compile(r"/secrets/(?P<name>[0-9A-Za-z-]{1,127})(?:/(?P<version>[0-9a-f]{32})?)?")
_API_VERSION = re.compile(r"7\.\d(-preview\.\d)?|\d{4}-\d\d-\d\d(-preview)?")
_CODES = {400: "BadParameter", 403: "Forbidden", 404: "SecretNotFound", 409: "Conflict", 429: "Throttled"}
_HEADERS = {
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
    "Expires": "-1",
    "X-Content-Type-Options": "nosniff",
    "x-ms-keyvault-region": "westeurope",
}


@dataclass
class KeyVaultSecret:
    value: str = field(repr=False)
    enabled: bool = True
    version: str = field(default_factory=lambda: uuid.uuid4().hex)
    created: int = field(default_factory=lambda: int(time.time()))


class KeyVault(SimulatedService):
    """`secrets` is the vault's content by lower-case name; tests may change it at any time."""

    def __init__(self, context: ssl.SSLContext, identity: Identity) -> None:
        super().__init__(context)
        self._identity = identity
        self.secrets: dict[str, KeyVaultSecret] = {}
        # The real service responds 403 for a disabled secret; with this, 200 with `"enabled": false`.
        self.shows_disabled = False

    @property
    def resource(self) -> str:
        """The resource that a token must be for when the vault is called at `url`."""
        return _resource(self.origin.removeprefix("https://"))

    def set_secret(self, name: str, value: str, *, enabled: bool = True) -> None:
        """Make a new version the current one."""
        self.secrets[name.lower()] = KeyVaultSecret(value, enabled)

    @override
    def reset(self) -> None:
        super().reset()
        self.shows_disabled = False
        self.secrets.clear()

    @override
    async def respond(self, request: web.BaseRequest) -> web.Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        resource = _resource(request.host)
        if not token:
            return _challenge(resource, "AKV10000: Request is missing a Bearer or PoP token.")
        if scheme.lower() != "bearer" or not self._identity.issued(token, resource):
            return _challenge(resource, "AKV10032: Invalid token.", 'error="invalid_token"')
        if request.method != "GET":
            return _error(405, "MethodNotAllowed", "Only secrets are read here.")
        if not _API_VERSION.fullmatch(request.query.get("api-version", "")):
            return _error(400, "BadParameter", "api-version must be specified")
        path = _PATH.fullmatch(request.path)
        if path is None:
            return _error(400, "BadParameter", "The request URI contains an invalid name.")
        return self._read(path["name"], path["version"])

    @override
    def error(self, status: int) -> web.Response:
        message = "The simulated service fails as it was told to."
        if status == HTTPStatus.UNAUTHORIZED:
            return _challenge(self.resource, message)
        return _error(status, _CODES.get(status, "InternalServerError"), message)

    def _read(self, name: str, version: str | None) -> web.Response:
        secret = self.secrets.get(name.lower())
        if secret is None or version not in {None, secret.version}:
            return _error(404, "SecretNotFound", f"A secret with (name/id) {name} was not found in this key vault.")
        if not secret.enabled and not self.shows_disabled:
            return _error(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled")
        attributes = {
            "enabled": secret.enabled,
            "created": secret.created,
            "updated": secret.created,
            "recoveryLevel": "Recoverable+Purgeable",
            "recoverableDays": 90,
        }
        identifier = f"{self.origin}/secrets/{name}/{secret.version}"
        return _json({"value": secret.value, "id": identifier, "attributes": attributes}, 200)


def _resource(host: str) -> str:
    """Return the parent domain, as https://vault.azure.net is the parent of every vault: the SDKs accept no other.

    Only Python's SDK accepts 0.0.1 as the parent of 127.0.0.1. JavaScript's reads it as the number 0.0.0.1, so it needs
    `vault.localhost`.
    """
    return f"https://{host.partition('.')[2]}"


def _challenge(resource: str, message: str, *parameters: str) -> web.Response:
    response = _error(401, "Unauthorized", message)
    authority = f'Bearer authorization="https://login.microsoftonline.com/{TENANT_ID}"'
    response.headers["WWW-Authenticate"] = ", ".join((authority, f'resource="{resource}"', *parameters))
    return response


def _error(status: int, code: str, message: str, inner: str | None = None) -> web.Response:
    error: dict[str, object] = {"code": code, "message": message}
    if inner is not None:
        error["innererror"] = {"code": inner}
    return _json({"error": error}, status)


def _json(body: object, status: int) -> web.Response:
    return web.json_response(body, status=status, headers=_HEADERS | {"x-ms-request-id": str(uuid.uuid4())})
