"""The managed identity's tokens, kept between exchanges: one is valid for up to a day."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from azure.core.credentials import AccessTokenInfo  # slow to import

_EXPIRY_MARGIN_S: Final = 300.0  # as azure.core's own BearerTokenCredentialPolicy


class IdentityTokens:
    """Tokens by scope. Thread-safe."""

    def __init__(self) -> None:
        self._tokens: dict[str, AccessTokenInfo] = {}

    def get(self, scope: str, wall_s: float) -> "AccessTokenInfo | None":
        """Return the token if it is valid for five minutes more."""
        token = self._tokens.get(scope)
        return token if token is not None and token.expires_on - wall_s >= _EXPIRY_MARGIN_S else None

    def keep(self, scope: str, token: "AccessTokenInfo") -> None:
        """Keep a new token."""
        self._tokens[scope] = token

    def clear(self) -> None:
        """Forget all of them: a service refused one."""
        self._tokens.clear()
