"""RS256 tokens of the simulated services."""

from __future__ import annotations

import base64
import functools
import json
import time
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_ID = "local-stack-1"


@functools.cache
def _signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def sign(claims: Mapping[str, Any]) -> str:
    """Make a JWT; the first one waits for the key to be made."""
    return jwt.encode(dict(claims), _signing_key(), algorithm="RS256", headers={"kid": KEY_ID})


def public_key() -> rsa.RSAPublicKey:
    """For those who check what the simulated services signed."""
    return _signing_key().public_key()


def unverified_claims(token: str) -> dict[str, Any]:
    """Read what the token says, for display only.

    Raises ValueError where it is no JWT.
    """
    parts = token.split(".")
    if len(parts) != len(("header", "claims", "signature")):
        msg = "not three parts"
        raise ValueError(msg)
    claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    if not isinstance(claims, dict):
        msg = "claims are not an object"
        raise ValueError(msg)  # noqa: TRY004 - callers know one kind of failure
    return claims


def lifetime_claims(lifetime: int, clock_offset: float = 0.0) -> dict[str, int]:
    """Make the claims of time; both parameters are seconds."""
    issued = int(time.time() + clock_offset)
    return {"iat": issued, "nbf": issued, "exp": issued + lifetime}
