"""Simulated service for the Mixed Reality Security Token Service (mr-sts.json, 2019-02-28-preview)."""

from __future__ import annotations

import base64
import re
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from aiohttp import web

from local.services import jwts
from local.services.account import SECRET_NAMES, Account, KeyName, new_key
from local.services.service import SimulatedService

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from local.services.identity import Identity
    from local.services.key_vault import KeyVault

#: What a keyless caller's Entra token must be for.
RESOURCE = "https://sts.mixedreality.azure.com/"
_PATH = re.compile(r"/accounts/(?P<account>[^/]+)/token/?", re.IGNORECASE)
_BASE = re.compile(r"[A-Za-z0-9+/]{22}")
_HEADERS = {
    "Cache-Control": "no-store, no-cache",
    "Pragma": "no-cache",
    "X-Content-Type-Options": "nosniff",
}
_ACTIONS = ["convert/read", "convert/action", "convert/delete", "managesessions/read"]
_ACTIONS += ["managesessions/action", "managesessions/delete"]


@dataclass
class Options:
    """How the STS issues. Times are seconds."""

    lifetime: int = 86_400
    #: The STS's own clock against this machine's: moves Date, iat, nbf, exp.
    clock_offset: float = 0.0
    exp_as_string: bool = False
    sends_ms_cv: bool = True
    #: Instead of a new one for each answer.
    fixed_ms_cv: str | None = None
    #: Laid over the token's claims; None takes a claim away.
    claims: Mapping[str, Any] = field(default_factory=dict)


class Sts(SimulatedService):
    def __init__(self, context: ssl.SSLContext, account: Account, identity: Identity, key_vault: KeyVault) -> None:
        super().__init__(context)
        self.account = account
        self.options = Options()
        #: The last tokens, newest last.
        self.issued: deque[str] = deque(maxlen=1_000)
        self._identity = identity
        self._key_vault = key_vault

    def reset(self) -> None:
        """Keys of the account that were rotated stay; both work, and lie in the vault."""
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
        """Accept the account's key again, and have it in Key Vault."""
        self.account.revoked.discard(name)
        self._key_vault.set_secret(SECRET_NAMES[name], self.account.keys[name])

    async def answer(self, request: web.BaseRequest) -> web.Response:
        refusal = self._refusal(request)
        status, text = refusal or (200, "")
        headers = _HEADERS | {"Date": formatdate(time.time() + self.options.clock_offset, usegmt=True)}
        if self.options.sends_ms_cv:
            fixed = self.options.fixed_ms_cv
            headers["MS-CV"] = _new_ms_cv() if fixed is None else fixed
        if refusal:
            return web.Response(status=status, headers=headers | {"WWW-Authenticate": text})
        token = self._token()
        self.issued.append(token)
        return web.json_response({"AccessToken": token}, headers=headers)

    def _refusal(self, request: web.BaseRequest) -> tuple[int, str] | None:
        path = _PATH.fullmatch(request.path)
        if path is None:
            return 404, "Invalid request: no such resource."
        if request.method != "GET":
            return 405, "Invalid request: only GET is allowed."
        if not _is_guid(path["account"]):
            return 400, "Invalid request: the account id is not a GUID."
        if not _BASE.fullmatch(request.headers.get("X-MRC-CV", "")):
            return 400, "Invalid request: X-MRC-CV is not a correlation vector's base."
        if not self._accepts(request.headers.get("Authorization", ""), path["account"]):
            return 401, "Invalid token: the credentials are not those of the account."
        return None

    def _accepts(self, authorization: str, account_id: str) -> bool:
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() != "bearer" or account_id.lower() != self.account.id.lower():
            return False
        named_id, colon, key = credentials.partition(":")
        if colon:
            return self.account.accepts(named_id, key)
        return self._identity.issued(credentials, RESOURCE)

    def _token(self) -> str:
        claims: dict[str, Any] = {
            "jti": str(uuid.uuid4()),
            "sub": self.account.id,
            "accountId": self.account.id,
            "accountDomain": self.account.domain,
            "actions": [f"RemoteRendering/{action}" for action in _ACTIONS],
            "iss": "https://sts.mixedreality.azure.com",
            "aud": "https://mixedreality.azure.com",
            **jwts.lifetime_claims(self.options.lifetime, self.options.clock_offset),
        }
        if self.options.exp_as_string:
            claims["exp"] = str(claims["exp"])
        claims |= self.options.claims
        return jwts.sign({name: value for name, value in claims.items() if value is not None})


def _is_guid(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text.lower()) is not None


def _new_ms_cv() -> str:
    return base64.b64encode(uuid.uuid4().bytes).decode().rstrip("=") + ".0"
