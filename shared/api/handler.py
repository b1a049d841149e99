"""One request in order: caller, parameters, token, answer, audit line. The only catch-all for requests."""

import logging
import traceback
from pathlib import Path

import azure.functions as func

from shared.api.audit_log import LOGGER, exchange_line, request_line
from shared.api.authorization import ANONYMOUS, Caller, Policy, authorize
from shared.api.parameters import client_cv, read_parameters
from shared.api.problems import problem_response
from shared.api.token_response import TokenResponse
from shared.errors import ArrTokenError, Forbidden, InternalError, Misconfigured
from shared.settings import Settings
from shared.tokens.cache import CachedToken, TokenCache


class MisconfiguredHandler:
    """Answers every request with what is wrong with the settings."""

    def __init__(self, error: Misconfigured) -> None:
        self._error = error

    async def answer(self, request: func.HttpRequest, request_id: str) -> func.HttpResponse:
        """Return the problem, and log the settings by name."""
        LOGGER.error("%s: %s", self._error.code, "; ".join(self._error.problems))
        LOGGER.info(request_line(self._error.code, ANONYMOUS, client_cv(request.headers)))
        return problem_response(self._error, request_id)


class Handler:
    """Answers requests from the token cache, on the event loop."""

    def __init__(self, settings: Settings, cache: TokenCache) -> None:
        self._settings = settings
        self._policy = Policy(settings.sign_in_enabled, settings.required_role)
        self._cache = cache
        self._latest: TokenResponse | None = None

    async def answer(self, request: func.HttpRequest, request_id: str) -> func.HttpResponse:
        """Return the answer to a request, whatever happens, and write its audit line."""
        caller, cv = ANONYMOUS, client_cv(request.headers)
        failure: ArrTokenError
        try:
            caller = authorize(request.headers, self._policy)
            asked = read_parameters(request.params, request.headers)
            grant = await self._cache.get(min_validity_s=asked.min_validity_s, renew=asked.renew)
            return self._granted(grant, caller, cv, request_id)
        except Forbidden as error:
            failure, caller = error, Caller(error.caller_id)
        except ArrTokenError as error:
            failure = error
        except Exception as error:  # noqa: BLE001  # the caller gets an answer, and the log the place, never the text
            failure = InternalError(kind=type(error).__name__)
            LOGGER.error("%s kind=%s at=%s", failure.code, failure.kind, _place(error))
        self._log_exchanges()
        LOGGER.info(request_line(failure.code, caller, cv, ms_cv=failure.ms_cv))
        return problem_response(failure, request_id)

    def _granted(self, grant: CachedToken, caller: Caller, cv: str | None, request_id: str) -> func.HttpResponse:
        answer = self._latest
        if answer is None or answer.token is not grant.token:
            answer = self._latest = TokenResponse(grant.token, self._settings)
        response = answer.response(grant, request_id)
        self._log_exchanges()
        left = answer.expires_in_s(grant)
        life = f"expires_in={'-' if left is None else left} age={int(grant.age_s)} token_sha256={answer.digest}"
        source = "issued" if grant.waited else "held"
        LOGGER.info(request_line("ok", caller, cv, source=source, ms_cv=grant.token.ms_cv, life=life))
        return response

    def _log_exchanges(self) -> None:
        """Write what exchanges have left: the host throws away every line that comes from outside a request's task."""
        journal = self._cache.journal
        while journal:
            record = journal.popleft()
            level = logging.WARNING if isinstance(record.outcome, ArrTokenError) else logging.INFO
            LOGGER.log(level, exchange_line(record))


def _place(error: Exception) -> str:
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    return f"{Path(frame.f_code.co_filename).name}:{line}"
