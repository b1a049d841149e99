"""Account keys from Key Vault."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from azure.core.pipeline.transport import RequestsTransport
from azure.keyvault.secrets import ApiVersion, KeyVaultSecret, SecretClient

from shared.errors import AccountKeyUnavailable, ArrTokenError, KeyVaultUnavailable
from shared.formats import is_visible_ascii
from shared.secret import Secret
from shared.upstreams.connections import Connections
from shared.upstreams.credentials import Credential
from shared.upstreams.failures import TRANSIENT_STATUSES, UpstreamFailures
from shared.upstreams.transport import Transport

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_NAME: Final = "key-vault"
_API_VERSION: Final = ApiVersion.V7_4  # pinned: an update of the SDK must not change what the vault is asked for


def _error_for_status(status: int, _: str | None) -> type[ArrTokenError] | None:
    if status in (HTTPStatus.OK, HTTPStatus.UNAUTHORIZED):  # the SDK answers the challenge in the first 401
        return None
    is_final = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return AccountKeyUnavailable if is_final and status not in TRANSIENT_STATUSES else KeyVaultUnavailable


_FAILURES: Final = UpstreamFailures(_NAME, KeyVaultUnavailable, KeyVaultUnavailable, _error_for_status)


class KeyVault:
    """One vault, within one exchange. Nothing read from it is kept.

    ``known_token`` is the identity's token for this vault, if its scope is known without asking the vault.
    """

    def __init__(
        self, url: str, credential: Credential, connections: Connections, known_token: Secret | None = None
    ) -> None:
        transport = RequestsTransport(session=Transport(_FAILURES, connections).session, session_owner=False)
        accepted = cast("TokenCredential", credential)  # SupportsTokenInfo works, but the annotation is older
        self._known_token = known_token
        self._client = SecretClient(
            url, accepted, transport=transport, retry_total=0, permit_redirects=False, api_version=_API_VERSION
        )

    def account_key(self, secret_name: str) -> Secret:
        """Return the secret's latest version without the white space around it.

        Raises `ArrTokenError`: `AccountKeyUnavailable` if this secret is of no use, whatever the reason.
        """
        statuses: list[int | None] = [None]

        def note_status(response: Any) -> None:
            statuses.append(response.http_response.status_code)

        try:
            return _usable(
                self._client.get_secret(secret_name, raw_request_hook=self._authorize, raw_response_hook=note_status)
            )
        except ArrTokenError:
            raise
        except Exception:  # noqa: BLE001  # whatever the SDK raises may hold the response's text
            status = statuses[-1]
        if status == HTTPStatus.UNAUTHORIZED:  # refused again, or a challenge that does not fit the vault
            raise AccountKeyUnavailable(upstream=_NAME, upstream_status=status, kind="challenge")
        raise KeyVaultUnavailable(upstream=_NAME, upstream_status=status, kind="body")

    def _authorize(self, request: Any) -> None:
        """Send the known token with the first request, which saves the challenge and its round trip.

        The SDK calls this once for each secret, before the first request. A vault that rejects the token answers with
        its challenge as ever.
        """
        headers = request.http_request.headers
        if self._known_token is not None and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self._known_token.reveal()}"


def _usable(secret: KeyVaultSecret) -> Secret:
    if not isinstance(secret.value, str):
        raise TypeError("no secret in the response")
    key = secret.value.strip()
    if secret.properties.enabled is False or not is_visible_ascii(key):
        raise AccountKeyUnavailable(upstream=_NAME, upstream_status=HTTPStatus.OK, kind="secret")
    return Secret(key)
