"""The Mixed Reality account that the simulated services serve: its id, domain, and two keys."""

import base64
import secrets
from dataclasses import dataclass, field
from typing import Final, Literal

KeyName = Literal["primary", "secondary"]
SECRET_NAMES: Final[dict[KeyName, str]] = {"primary": "arr-account-key", "secondary": "arr-account-key-secondary"}

DEFAULT_ID = "35d830cb-f062-4062-9792-d6316039df56"
DEFAULT_DOMAIN = "westeurope.mixedreality.azure.com"


def new_key() -> str:
    """44 characters of base64, like a key from Azure."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _new_keys() -> dict[KeyName, str]:
    return {name: new_key() for name in SECRET_NAMES}


@dataclass
class Account:
    id: str = DEFAULT_ID
    domain: str = DEFAULT_DOMAIN
    keys: dict[KeyName, str] = field(default_factory=_new_keys, repr=False)
    revoked: set[KeyName] = field(default_factory=set)

    def accepts(self, account_id: str, key: str) -> bool:
        valid = [value for name, value in self.keys.items() if name not in self.revoked]
        known = [secrets.compare_digest(value.encode(), key.encode()) for value in valid]
        return account_id.lower() == self.id.lower() and any(known)
