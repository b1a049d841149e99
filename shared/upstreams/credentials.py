"""The function's own Microsoft Entra identity: the managed identity in Azure, the developer's ``az login`` elsewhere.

Source of the App Service endpoint: https://learn.microsoft.com/azure/app-service/overview-managed-identity
(section "REST endpoint reference").
"""

import math
import subprocess
from http import HTTPStatus
from typing import Final

from azure.core.credentials import AccessTokenInfo, TokenRequestOptions
from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.core.pipeline.transport import RequestsTransport

from shared.errors import ArrTokenError, IdentityNotAssigned, IdentityUnavailable, UpstreamTimeout
from shared.formats import is_visible_ascii
from shared.imports import without_importing
from shared.upstreams.connections import Connections
from shared.upstreams.failures import TRANSIENT_STATUSES, UpstreamFailures
from shared.upstreams.identity_tokens import IdentityTokens
from shared.upstreams.transport import Transport

# Only credentials with a certificate need these, and they are a sixth of what importing the SDKs takes: 25 of 147 ms.
with without_importing("cryptography.x509", "cryptography.hazmat.primitives.serialization"):
    from azure.identity import AzureCliCredential, ManagedIdentityCredential

_NAME: Final = "identity"
_CALL_LIMIT_S: Final = 5.0  # contract section 5: the endpoint is on the same machine


def _error_for_status(status: int, _: str | None) -> type[ArrTokenError] | None:
    if status == HTTPStatus.OK:
        return None
    is_client_error = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return IdentityNotAssigned if is_client_error and status not in TRANSIENT_STATUSES else IdentityUnavailable


_FAILURES: Final = UpstreamFailures(
    _NAME, IdentityUnavailable, IdentityUnavailable, _error_for_status, direct=True, call_limit_s=_CALL_LIMIT_S
)


class ManagedIdentity:
    """The managed identity within one exchange, as a credential for the Azure SDKs. Raises `ArrTokenError` only."""

    def __init__(self, client_id: str | None, connections: Connections, tokens: IdentityTokens) -> None:
        session = Transport(_FAILURES, connections).session
        transport = RequestsTransport(session=session, session_owner=False)
        self._credential = ManagedIdentityCredential(client_id=client_id, transport=transport, retry_total=0)
        self._clock = connections.clock
        self._tokens = tokens

    def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """Return a token; azure.core's SupportsTokenInfo. One past its ``refresh_on`` serves if there is no newer."""
        (scope,) = scopes
        now_s = self._clock().wall
        kept = None if (options or {}).get("claims") else self._tokens.get(scope, now_s)
        if kept is not None and now_s < (kept.refresh_on or math.inf):
            return kept
        try:
            token = self._request(scope, options)
        except ArrTokenError:
            if kept is None:
                raise
            return kept
        self._tokens.keep(scope, token)
        return token

    def _request(self, scope: str, options: TokenRequestOptions | None) -> AccessTokenInfo:
        try:
            return _checked(self._credential.get_token_info(scope, options=options))
        except ArrTokenError:
            raise
        except (ServiceRequestError, ServiceResponseError):  # nothing was sent: IDENTITY_ENDPOINT is no URL
            failure: ArrTokenError = IdentityNotAssigned(upstream=_NAME, kind="configuration")
        except Exception:  # noqa: BLE001  # a body that is no token: errors of azure.identity, msal and json
            failure = IdentityUnavailable(upstream=_NAME, upstream_status=HTTPStatus.OK, kind="body")
        raise failure


class AzureCli:
    """The Azure CLI's sign-in as a credential for the Azure SDKs. Raises `ArrTokenError` only."""

    def __init__(self, connections: Connections) -> None:
        self._exchange = connections.exchange

    def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """Return a token; azure.core's SupportsTokenInfo. It runs ``az`` each time."""
        self._exchange.progress.upstream = _NAME
        credential = AzureCliCredential(process_timeout=math.ceil(self._exchange.remaining_s()))
        try:
            return _checked(credential.get_token_info(*scopes, options=options))
        except Exception as error:  # noqa: BLE001  # it may contain what the CLI printed
            timed_out = isinstance(error.__cause__, subprocess.TimeoutExpired)
        if timed_out:
            raise UpstreamTimeout(upstream=_NAME, kind="timeout")
        raise IdentityNotAssigned(upstream=_NAME, kind="azure-cli")


type Credential = ManagedIdentity | AzureCli


def _checked(token: AccessTokenInfo) -> AccessTokenInfo:
    if not isinstance(token.token, str) or not is_visible_ascii(token.token):
        raise ValueError("not a token")
    return token
