"""The function's own Microsoft Entra identity: the managed identity in Azure, the developer's az login elsewhere."""

import math
import subprocess
from typing import Final

from azure.core.credentials import AccessTokenInfo, TokenRequestOptions
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import AzureCliCredential, ManagedIdentityCredential

from shared.errors import ArrTokenError, IdentityNotAssigned, IdentityUnavailable, UpstreamTimeout
from shared.formats import is_visible_ascii
from shared.secret import Secret
from shared.tokens.exchange import Exchange
from shared.upstreams.connections import Connections
from shared.upstreams.failures import UpstreamFailures
from shared.upstreams.transport import Transport

_NAME: Final = "identity"
_OK: Final = 200
_TRANSIENT: Final = frozenset({408, 429})
_CLIENT_ERRORS: Final = range(400, 500)


def _refusal(status: int) -> type[ArrTokenError] | None:
    if status == _OK:
        return None
    return IdentityNotAssigned if status in _CLIENT_ERRORS and status not in _TRANSIENT else IdentityUnavailable


_UPSTREAM: Final = UpstreamFailures(_NAME, IdentityUnavailable, IdentityUnavailable, _refusal, direct=True)


class ManagedIdentity:
    """A credential for the Azure SDKs; keeps its tokens as long as the SDK does (up to a day).

    For one exchange at a time: ``connect`` gives it that exchange's connections. Raises `ArrTokenError` only.
    """

    _line: Transport

    def __init__(self, client_id: str | None) -> None:
        # The session comes with each exchange; the retries are the line's.
        self._transport = RequestsTransport(session_owner=True)
        self._credential = ManagedIdentityCredential(client_id=client_id, transport=self._transport, retry_total=0)

    def connect(self, connections: Connections) -> None:
        """Call the identity endpoint through these connections from now on."""
        self._line = Transport(_UPSTREAM, connections)
        self._transport.session = self._line.session

    def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """Return a token; azure.core's SupportsTokenInfo."""
        try:
            return _readable(self._credential.get_token_info(*scopes, options=options))
        except ArrTokenError:
            raise
        except Exception:  # noqa: BLE001  # the SDK lets anything out: msal's, json's and its own errors
            status = self._line.last_status
        if status is None:  # no call was made: the platform's variables make no endpoint
            raise IdentityNotAssigned(upstream=_NAME, kind="configuration")
        raise IdentityUnavailable(upstream=_NAME, upstream_status=status, kind="body")


class AzureCli:
    """The Azure CLI's sign-in as a credential for the Azure SDKs; ``connect`` first. Raises `ArrTokenError` only."""

    _exchange: Exchange

    def connect(self, connections: Connections) -> None:
        """Give the CLI no more time than this exchange has."""
        self._exchange = connections.exchange

    def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """Return a token; azure.core's SupportsTokenInfo."""
        self._exchange.upstream = _NAME
        credential = AzureCliCredential(process_timeout=math.ceil(self._exchange.remaining_s()))
        try:
            return _readable(credential.get_token_info(*scopes, options=options))
        except Exception as error:  # noqa: BLE001  # whatever the CLI printed is in there
            timed_out = isinstance(error.__cause__, subprocess.TimeoutExpired)
        if timed_out:
            raise UpstreamTimeout(upstream=_NAME, kind="timeout")
        raise IdentityNotAssigned(upstream=_NAME, kind="azure-cli")


type Credential = ManagedIdentity | AzureCli


def identity_token(credential: Credential, scope: str) -> Secret:
    """Return the identity's own token for a scope."""
    return Secret(credential.get_token_info(scope).token)


def _readable(token: AccessTokenInfo) -> AccessTokenInfo:
    if not isinstance(token.token, str) or not is_visible_ascii(token.token):
        raise ValueError("not a token")
    return token
