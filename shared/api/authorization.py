"""Who may call: contract section 6.

Source of the header's format: https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities
"""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from shared.errors import Forbidden, Unauthenticated
from shared.formats import is_guid

_PRINCIPAL = "X-MS-CLIENT-PRINCIPAL"
_ENTRA = "aad"  # the only provider whose users can't choose their own claims
_ROLE_TYPES = frozenset({"roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"})
_OBJECT_ID_TYPES = frozenset({"oid", "http://schemas.microsoft.com/identity/claims/objectidentifier"})


class Caller(NamedTuple):
    """The caller as the platform vouches for it; ``object_id`` is the user's or app's GUID in Entra."""

    object_id: str | None


ANONYMOUS = Caller(None)


class Policy(NamedTuple):
    """Whether the platform signs users in, and the app role that they must have."""

    sign_in_enabled: bool
    required_role: str | None


def authorize(headers: Mapping[str, str], policy: Policy) -> Caller:
    """Return the caller, or raise `Unauthenticated` or `Forbidden`. Thread-safe.

    The principal's header is trusted only while App Service Authentication is on: the platform then replaces what a
    caller sends under its name. Otherwise anyone can forge it.
    """
    claims = _claims(headers.get(_PRINCIPAL)) if policy.sign_in_enabled else None
    caller = ANONYMOUS if claims is None else Caller(_object_id(claims))
    if policy.required_role is None:
        return caller
    if claims is None or claims.provider != _ENTRA:
        raise Unauthenticated
    if policy.required_role not in _roles(claims):
        raise Forbidden(caller_id=caller.object_id)
    return caller


class _Claims(NamedTuple):
    provider: str | None
    pairs: tuple[tuple[str, str], ...]
    role_type: str | None


def _claims(header: str | None) -> _Claims | None:
    """Read the platform's principal; None if there is none or it can't be read."""
    if not header:
        return None
    try:
        encoded = header.strip()
        principal = json.loads(base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True))
        claims, role_type, provider = principal["claims"], principal.get("role_typ"), principal.get("auth_typ")
        pairs = tuple((claim["typ"], claim["val"]) for claim in claims)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
    if not isinstance(claims, list) or not all(isinstance(text, str) for pair in pairs for text in pair):
        return None
    return _Claims(_text(provider), pairs, _text(role_type))


def _roles(claims: _Claims) -> Iterator[str]:
    types = _ROLE_TYPES | {claims.role_type}
    return (value for claim_type, value in claims.pairs if claim_type in types)


def _object_id(claims: _Claims) -> str | None:
    ids = (value for claim_type, value in claims.pairs if claim_type in _OBJECT_ID_TYPES)
    return next((value for value in ids if is_guid(value)), None)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
