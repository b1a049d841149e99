"""RS256 tokens of the simulated services."""

import base64
import functools
import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@functools.cache
def _signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@functools.cache
def _header() -> dict[str, str]:
    """Return `kid` and `x5t`, which name the key, as in real tokens."""
    key = public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    thumbprint = hashlib.sha1(key, usedforsecurity=False).digest()  # a real x5t is a certificate's thumbprint
    return {"kid": thumbprint.hex().upper(), "x5t": base64.urlsafe_b64encode(thumbprint).decode().rstrip("=")}


def sign(claims: Mapping[str, Any]) -> str:
    """Make a JWT. The first call also generates the key."""
    return jwt.encode(dict(claims), _signing_key(), algorithm="RS256", headers=_header())


def public_key() -> rsa.RSAPublicKey:
    """Return the key that verifies the tokens of the simulated services."""
    return _signing_key().public_key()


def unverified_claims(token: str) -> dict[str, Any]:
    """Read the claims, for display only.

    Raises ValueError if the token is not a JWT.
    """
    parts = token.split(".")
    if len(parts) != len(("header", "claims", "signature")):
        raise ValueError("not three parts")
    claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    if not isinstance(claims, dict):
        raise ValueError("claims are not an object")  # noqa: TRY004  # callers handle one exception
    return claims


def lifetime_claims(lifetime: int, clock_offset: float = 0.0) -> dict[str, int]:
    """Return nbf, exp and iat; both parameters are seconds."""
    issued = int(time.time() + clock_offset)
    return {"nbf": issued, "exp": issued + lifetime, "iat": issued}
