"""Account keys from Key Vault."""

from typing import TYPE_CHECKING, Final, cast

from azure.core.pipeline.transport import RequestsTransport
from azure.keyvault.secrets import KeyVaultSecret, SecretClient

from shared.errors import AccountKeyUnavailable, ArrTokenError, KeyVaultUnavailable
from shared.formats import is_visible_ascii
from shared.secret import Secret
from shared.upstreams.connections import Connections
from shared.upstreams.credentials import Credential
from shared.upstreams.failures import UpstreamFailures
from shared.upstreams.transport import Transport

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_NAME: Final = "key-vault"
_OK: Final = 200
_UNAUTHORIZED: Final = 401
_TRANSIENT: Final = frozenset({408, 429})
_OPERATORS: Final = range(300, 500)


def _refusal(status: int) -> type[ArrTokenError] | None:
    if status in (_OK, _UNAUTHORIZED):  # the SDK answers the challenge in the first 401
        return None
    return AccountKeyUnavailable if status in _OPERATORS and status not in _TRANSIENT else KeyVaultUnavailable


_UPSTREAM: Final = UpstreamFailures(_NAME, KeyVaultUnavailable, KeyVaultUnavailable, _refusal)


class KeyVault:
    """One vault, within one exchange. Nothing read from it is kept."""

    def __init__(self, url: str, credential: Credential, connections: Connections) -> None:
        self._transport = Transport(_UPSTREAM, connections)
        transport = RequestsTransport(session=self._transport.session, session_owner=False)
        accepted = cast("TokenCredential", credential)  # it takes SupportsTokenInfo, too, but its annotation is older
        self._client = SecretClient(url, accepted, transport=transport, retry_total=0, permit_redirects=False)

    def account_key(self, secret_name: str) -> Secret:
        """Return the secret's latest version without the white space around it.

        Raises `ArrTokenError`: `AccountKeyUnavailable` where this secret is no use, whatever the reason.
        """
        try:
            return self._usable(self._client.get_secret(secret_name))
        except ArrTokenError:
            raise
        except Exception:  # noqa: BLE001  # the SDK lets anything out, with the answer's text in it
            status = self._transport.last_status
        if status == _UNAUTHORIZED:  # refused again, or a challenge that does not fit the vault
            raise AccountKeyUnavailable(upstream=_NAME, upstream_status=status, kind="challenge")
        raise KeyVaultUnavailable(upstream=_NAME, upstream_status=status, kind="body")

    def _usable(self, secret: KeyVaultSecret) -> Secret:
        if not isinstance(secret.value, str):
            raise TypeError("no secret in the answer")
        key = secret.value.strip()
        if secret.properties.enabled is False or not is_visible_ascii(key):
            raise AccountKeyUnavailable(upstream=_NAME, upstream_status=_OK, kind="secret")
        return Secret(key)
