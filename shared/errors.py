"""Every failure that a caller can be told of, as one tree: code and HTTP status on the leaves, transient by class."""

import traceback
from pathlib import Path
from typing import ClassVar, Self, override


class ArrTokenError(Exception):
    """A failure; never holds an upstream's text, a key or a token.

    Raised by the adapters and by the checks of a request. An exchange hands it on as a value, without traceback,
    because many requests share it. ``status`` is the HTTP status of our response, ``upstream_status`` that of the
    upstream's; ``retry_after_s`` is the upstream's ``Retry-After`` in seconds; ``kind`` is a word for the log.
    """

    code: ClassVar[str]
    status: ClassVar[int]

    def __init__(
        self,
        *,
        ms_cv: str | None = None,
        retry_after_s: int | None = None,
        upstream: str = "-",
        upstream_status: int | None = None,
        kind: str = "-",
    ) -> None:
        super().__init__()
        self.ms_cv = ms_cv
        self.retry_after_s = retry_after_s
        self.upstream = upstream
        self.upstream_status = upstream_status
        self.kind = kind

    @override
    def __str__(self) -> str:
        return f"{self.code} upstream={self.upstream} status={self.upstream_status or '-'} kind={self.kind}"

    def without_traceback(self) -> Self:
        """Return the same failure without what it was raised from: tracebacks keep every local variable alive."""
        self.__cause__ = self.__context__ = None
        return self.with_traceback(None)


class CallerError(ArrTokenError):
    """The caller has to change the request."""


class OperatorError(ArrTokenError):
    """Only an operator can fix it."""


class TransientError(ArrTokenError):
    """A later attempt may succeed."""


class InvalidRequest(CallerError):
    """A parameter can't be read."""

    code, status = "invalid-request", 400


class Unauthenticated(CallerError):
    """A role is required and nobody is signed in."""

    code, status = "unauthenticated", 401


class Forbidden(CallerError):
    """The signed-in caller lacks the role. ``caller_id`` is the caller's object id, for the audit line."""

    code, status = "forbidden", 403

    def __init__(self, caller_id: str | None = None) -> None:
        super().__init__()
        self.caller_id = caller_id


class Misconfigured(OperatorError):
    """Settings are missing or invalid. ``violations`` names each setting and its rule, never a value."""

    code, status = "misconfigured", 500

    def __init__(self, violations: tuple[str, ...] = (), *, upstream: str = "-") -> None:
        super().__init__(upstream=upstream, kind="settings")
        self.violations = violations


class IdentityNotAssigned(OperatorError):
    """There is no Microsoft Entra identity to use."""

    code, status = "identity-not-assigned", 500


class AccountKeyUnavailable(OperatorError):
    """Key Vault has no usable account key for this identity."""

    code, status = "account-key-unavailable", 500


class AccountKeyRejected(OperatorError):
    """The STS refused every configured key."""

    code, status = "account-key-rejected", 502


class IdentityRejected(OperatorError):
    """The STS refused the identity's own token (keyless mode)."""

    code, status = "identity-rejected", 502


class StsRejectedRequest(OperatorError):
    """The STS refused the request itself."""

    code, status = "sts-rejected-request", 502


class StsInvalidResponse(OperatorError):
    """The STS responded without a usable token."""

    code, status = "sts-invalid-response", 502


class InternalError(OperatorError):
    """Anything else. ``at`` is ``<file>:<line>``, ``module`` the module that could not be imported."""

    code, status = "internal-error", 500

    def __init__(self, *, upstream: str = "-", kind: str = "-", at: str = "-", module: str | None = None) -> None:
        super().__init__(upstream=upstream, kind=kind)
        self.at = at
        self.module = module

    @classmethod
    def from_exception(cls, error: Exception, upstream: str = "-") -> Self:
        """Return the class and place of an unexpected exception; its text may hold a secret and is left out."""
        places = [
            f"{Path(frame.f_code.co_filename).name}:{line}"
            for frame, line in traceback.walk_tb(error.__traceback__)
            if not frame.f_code.co_filename.startswith("<")  # the import system's own frames say nothing
        ]
        module = error.name if isinstance(error, ImportError) else None
        return cls(upstream=upstream, kind=type(error).__name__, at=places[-1] if places else "-", module=module)


class IdentityUnavailable(TransientError):
    """The managed identity endpoint failed."""

    code, status = "identity-unavailable", 503


class KeyVaultUnavailable(TransientError):
    """Key Vault failed."""

    code, status = "key-vault-unavailable", 503


class StsThrottled(TransientError):
    """The STS sent 429."""

    code, status = "sts-throttled", 503


class StsUnavailable(TransientError):
    """The STS failed."""

    code, status = "sts-unavailable", 503


class UpstreamTimeout(TransientError):
    """An upstream, or the whole exchange, took too long."""

    code, status = "upstream-timeout", 504
