"""One request in order: caller, parameters, token, response, audit line. The only catch-all of requests."""

import azure.functions as func

from shared.api.audit_log import AuditLog
from shared.api.authorization import ANONYMOUS, Caller, Policy, authorize
from shared.api.parameters import client_cv, read_parameters
from shared.api.problems import problem_response
from shared.api.token_response import TokenResponse
from shared.errors import ArrTokenError, Forbidden, InternalError, Misconfigured
from shared.settings import Settings
from shared.tokens.cache import CachedToken, Failure, TokenCache


class MisconfiguredHandler:
    """Responds to every request with the violations of the settings."""

    def __init__(self, error: Misconfigured, audit_log: AuditLog) -> None:
        self._error = error
        self._audit_log = audit_log

    async def answer(self, request: func.HttpRequest, request_id: str) -> func.HttpResponse:
        """Return the problem, and log the settings by name."""
        self._audit_log.failure(self._error, ANONYMOUS, client_cv(request.headers), request_id)
        return problem_response(self._error, request_id)


class Handler:
    """Responds to requests from the token cache. For the event loop only."""

    def __init__(self, settings: Settings, cache: TokenCache, audit_log: AuditLog) -> None:
        self._settings = settings
        self._policy = Policy(settings.sign_in_enabled, settings.required_role)
        self._cache = cache
        self._audit_log = audit_log
        self._latest: TokenResponse | None = None

    async def answer(self, request: func.HttpRequest, request_id: str) -> func.HttpResponse:
        """Return the response to a request and write its audit line. Raises nothing."""
        caller, cv = ANONYMOUS, client_cv(request.headers)
        try:
            caller = authorize(request.headers, self._policy)
            parameters = read_parameters(request.params, request.headers)
            result = await self._cache.get(min_validity_s=parameters.min_validity_s, renew=parameters.renew)
            if isinstance(result, CachedToken):
                return self._token(result, caller, cv, request_id)
        except Forbidden as error:
            result, caller = Failure(error.without_traceback(), None), Caller(error.caller_id)
        except ArrTokenError as error:
            result = Failure(error.without_traceback(), None)
        except Exception as error:  # noqa: BLE001  # a bug gets a response, and its place a line in the log
            result = Failure(InternalError.from_exception(error), None)
        self._audit_log.failure(result.error, caller, cv, request_id)
        return problem_response(result.error, request_id, result.retry_after_s)

    def _token(self, cached: CachedToken, caller: Caller, cv: str | None, request_id: str) -> func.HttpResponse:
        latest = self._latest
        if latest is None or latest.token is not cached.token:
            latest = self._latest = TokenResponse(cached.token, self._settings)
        response = latest.response(cached, request_id)
        self._audit_log.token(cached, latest, caller, cv, request_id)
        return response
