"""Simulated service for the Mixed Reality Security Token Service (mr-sts.json, 2019-02-28-preview).

Its responses have the form of those that Microsoft's SDKs recorded. A 401 has no body and no WWW-Authenticate, although
mr-sts.json lists one. No other refusal was recorded; all refusals here have the form of the 401.
"""

import base64
import re
import ssl
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, override

from aiohttp import web

from local.services import jwts
from local.services.account import SECRET_NAMES, Account, KeyName, new_key
from local.services.identity import Identity
from local.services.key_vault import KeyVault
from local.services.service import SimulatedService

_PUBLIC = "https://sts.mixedreality.azure.com"
_PATH = re.compile(r"/accounts/(?P<account>[^/]+)/token/?", re.IGNORECASE)
_NOT_CACHED = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
# Invented values; names and forms of the claims are from a token in Microsoft's documentation.
_RESOURCE_ID = (
    "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/arr"
    "/providers/Microsoft.MixedReality/RemoteRenderingAccounts/arr"
)


@dataclass
class Options:
    """Options of the issued tokens. Times are seconds."""

    lifetime: int = 86_400
    # The STS's own clock against this machine's: moves Date, iat, nbf, exp.
    clock_offset: float = 0.0
    exp_as_string: bool = False
    sends_ms_cv: bool = True
    # Instead of a new one for each response.
    fixed_ms_cv: str | None = None
    # Replaces claims of the token; None removes a claim.
    claims: Mapping[str, Any] = field(default_factory=dict)


class Sts(SimulatedService):
    def __init__(self, context: ssl.SSLContext, account: Account, identity: Identity, key_vault: KeyVault) -> None:
        super().__init__(context)
        self.account = account
        self.options = Options()
        # The last tokens, newest last.
        self.issued: deque[str] = deque(maxlen=1_000)
        self._identity = identity
        self._key_vault = key_vault

    @property
    def audiences(self) -> tuple[str, ...]:
        """Resources whose Entra tokens are accepted. Microsoft's clients use all of them."""
        return self.url, f"https://sts.{self.account.domain}", _PUBLIC, f"{_PUBLIC}/"

    @override
    def reset(self) -> None:
        """Accept both keys and store both in Key Vault. Rotated keys stay rotated."""
        super().reset()
        self.options = Options()
        self.issued.clear()
        for name in SECRET_NAMES:
            self.restore(name)

    def rotate(self, name: KeyName) -> None:
        """Give the account a new key and put it into its Key Vault secret; the old one is refused."""
        self.account.keys[name] = new_key()
        self.restore(name)

    def revoke(self, name: KeyName) -> None:
        """Refuse the key that Key Vault still holds."""
        self.account.revoked.add(name)

    def restore(self, name: KeyName) -> None:
        """Accept the account's key again, and store it in Key Vault."""
        self.account.revoked.discard(name)
        self._key_vault.set_secret(SECRET_NAMES[name], self.account.keys[name])

    @override
    async def respond(self, request: web.BaseRequest) -> web.Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return self.error(refusal)
        token = self._token()
        self.issued.append(token)
        return web.json_response({"AccessToken": token}, headers=self._headers() | _NOT_CACHED)

    @override
    def error(self, status: int) -> web.Response:
        return web.Response(status=status, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        date = formatdate(time.time() + self.options.clock_offset, usegmt=True)
        headers = {"Date": date, "X-Content-Type-Options": "nosniff"}
        if self.options.sends_ms_cv:
            fixed = self.options.fixed_ms_cv
            headers["MS-CV"] = _new_ms_cv() if fixed is None else fixed
        return headers

    def _refusal(self, request: web.BaseRequest) -> HTTPStatus | None:
        path = _PATH.fullmatch(request.path)
        if path is None:
            return HTTPStatus.NOT_FOUND
        if request.method != "GET":
            return HTTPStatus.METHOD_NOT_ALLOWED
        if not _is_guid(path["account"]):
            return HTTPStatus.BAD_REQUEST
        # X-MRC-CV is optional; the real service's response to a malformed one is unknown.
        if not self._accepts(request.headers.get("Authorization", ""), path["account"]):
            return HTTPStatus.UNAUTHORIZED
        return None

    def _accepts(self, authorization: str, account_id: str) -> bool:
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() != "bearer" or account_id.lower() != self.account.id.lower():
            return False
        named_id, colon, key = credentials.partition(":")
        if colon:
            return self.account.accepts(named_id, key)
        return any(self._identity.issued(credentials, audience) for audience in self.audiences)

    def _token(self) -> str:
        claims: dict[str, Any] = {
            "jti": str(uuid.uuid4()),
            "cai": self.account.id,
            "tid": str(uuid.UUID(int=0)),
            "aid": self.account.id,
            "aao": -1,
            "apr": self.account.domain.partition(".")[0],
            "rid": _RESOURCE_ID,
            "att": "RemoteRendering",  # no recorded value is known
            **jwts.lifetime_claims(self.options.lifetime, self.options.clock_offset),
            "iss": "https://mrc-auth-prod.trafficmanager.net/",
            "aud": "https://mrc-anchor-prod.trafficmanager.net/",
        }
        if self.options.exp_as_string:
            claims["exp"] = str(claims["exp"])
        claims |= self.options.claims
        return jwts.sign({name: value for name, value in claims.items() if value is not None})


def _is_guid(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text.lower()) is not None


def _new_ms_cv() -> str:
    return base64.b64encode(uuid.uuid4().bytes).decode().rstrip("=") + ".0"
