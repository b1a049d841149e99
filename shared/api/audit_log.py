"""The log lines: contract section 7. What they contain, and what they never may.

The worker forwards nothing but the formatted message, so the fields stand in it as ``key=value``. The Functions host
discards every line that does not come from the task of a request still running
(https://github.com/Azure/azure-functions-python-worker/issues/1860), so an exchange's line waits in a queue for the
next request.
"""

import logging
from collections import deque
from typing import Final

from shared.api.authorization import Caller
from shared.api.token_response import TokenResponse
from shared.errors import ArrTokenError, InternalError, Misconfigured
from shared.formats import header_safe_or_none
from shared.tokens.cache import CachedToken
from shared.tokens.exchange import ExchangeResult, TokenOrFailure

_LOGGER: Final = logging.getLogger("arr_token")
_LOGGER.setLevel(logging.INFO)  # do not depend on the root logger's level
# They log tokens, headers and responses, some of it as warnings. Not "azure": the worker's own loggers are below it.
_LIBRARIES: Final = ("azure.core", "azure.identity", "azure.keyvault", "msal", "urllib3", "requests")
_QUEUE_LENGTH: Final = 100  # contract section 7
_NO_LIFETIME: Final = "expires_in=- age=- token_sha256=-"


def silence_libraries() -> None:
    """Discard what the SDKs log, whatever level somebody sets on a logger below theirs."""
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False
        logger.addHandler(logging.NullHandler())


class AuditLog:
    """Writes the lines of requests and of finished exchanges. Thread-safe.

    `token` and `failure` belong in the request's own task.
    """

    def __init__(self) -> None:
        self._finished_exchanges: deque[ExchangeResult] = deque(maxlen=_QUEUE_LENGTH)

    def exchange_finished(self, result: ExchangeResult) -> None:
        """Queue the line of an exchange for the next request."""
        self._finished_exchanges.append(result)

    def token(
        self, cached: CachedToken, response: TokenResponse, caller: Caller, client_cv: str | None, request_id: str
    ) -> None:
        """Write the queued lines and the line of a request that got a token."""
        self._write_queue()
        expires_in_s = response.expires_in_s(cached)
        lifetime = (
            f"expires_in={'-' if expires_in_s is None else expires_in_s} age={int(cached.age_s)} "
            f"token_sha256={response.digest}"
        )
        source = "issued" if cached.waited else "held"
        _LOGGER.info(
            "token-request outcome=ok request_id=%s caller=%s source=%s ms_cv=%s client_cv=%s %s",
            *(_field(request_id), _field(caller.object_id), source),
            *(_field(cached.token.ms_cv), _field(client_cv), lifetime),
        )

    def failure(self, error: ArrTokenError, caller: Caller, client_cv: str | None, request_id: str) -> None:
        """Write the queued lines, the settings or the place that are at fault, and the line of a failed request."""
        self._write_queue()
        if isinstance(error, Misconfigured):
            _LOGGER.error("%s: %s", error.code, "; ".join(error.violations))
        if isinstance(error, InternalError):
            _LOGGER.error("%s kind=%s%s", error.code, error.kind, _place(error))
        _LOGGER.info(
            "token-request outcome=%s request_id=%s caller=%s source=- ms_cv=%s client_cv=%s %s%s",
            *(error.code, _field(request_id), _field(caller.object_id)),
            *(_field(error.ms_cv), _field(client_cv), _NO_LIFETIME, _place(error)),
        )

    def _write_queue(self) -> None:
        while self._finished_exchanges:
            result = self._finished_exchanges.popleft()
            failed = isinstance(result.token_or_failure, ArrTokenError) or result.skipped
            _LOGGER.log(logging.WARNING if failed else logging.INFO, _exchange_line(result))


def _exchange_line(result: ExchangeResult) -> str:
    failure = result.token_or_failure
    if isinstance(failure, ArrTokenError):
        outcome = (
            f"outcome={failure.code} upstream={failure.upstream} status={failure.upstream_status or '-'} "
            f"kind={failure.kind}"
        )
    else:
        outcome = "outcome=ok upstream=- status=- kind=-"
    line = (
        f"exchange {outcome} key={result.key} skipped={','.join(result.skipped) or '-'} "
        f"ms_cv={_field(failure.ms_cv)} started={result.trigger} seconds={result.seconds:.3f}"
    )
    return line + _place(failure)


def _place(result: TokenOrFailure) -> str:
    if not isinstance(result, InternalError):
        return ""
    return f" at={_field(result.at)}" + (f" module={_field(result.module)}" if result.module else "")


def _field(value: str | None) -> str:
    return header_safe_or_none(value) or "-"
