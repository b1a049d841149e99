"""The vocabulary of failure: every answer other than a token is one of these.

The tree (a test compares it with ``__subclasses__()``)::

    ArrTokenError
    ├── CallerError                  the caller has to change something
    │   ├── InvalidRequest           a parameter can't be read
    │   ├── Unauthenticated          a role is required, and nobody is signed in
    │   └── Forbidden                signed in, without the role
    ├── OperatorError                only an operator can mend it: never looks transient
    │   ├── Misconfigured            the application settings don't make sense
    │   ├── IdentityNotAssigned      there is no Microsoft Entra identity to use
    │   ├── AccountKeyUnavailable    Key Vault has no usable key for us
    │   ├── AccountKeyRejected       the STS refused every configured key
    │   ├── IdentityRejected         the STS refused the identity's own token (keyless mode)
    │   ├── StsRejectedRequest       the STS refused the request itself
    │   ├── StsInvalidResponse       the STS answered without a usable token
    │   └── InternalError            anything else
    └── TransientError               trying again later may help: carries Retry-After
        ├── IdentityUnavailable
        ├── KeyVaultUnavailable
        ├── StsThrottled
        ├── StsUnavailable
        └── UpstreamTimeout
"""

import copy
from typing import ClassVar, Self


class ArrTokenError(Exception):
    """A failure; never holds an upstream's text, a key or a token. What callers read of it stands in `problems`.

    ``status`` is the HTTP status of the answer, ``upstream_status`` that which the upstream gave, ``retry_after_s``
    in seconds.
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

    def __str__(self) -> str:
        return f"{self.code} upstream={self.upstream} status={self.upstream_status or '-'} kind={self.kind}"

    def again(self, retry_after_s: int | None) -> Self:
        """Return the same failure for another request: one instance raised by many would gather their tracebacks."""
        other = copy.copy(self)
        other.retry_after_s = retry_after_s
        return other


class CallerError(ArrTokenError):
    """The caller has to change something."""


class OperatorError(ArrTokenError):
    """Only an operator can mend it."""


class TransientError(ArrTokenError):
    """It may be gone by the next try."""


class InvalidRequest(CallerError):
    code, status = "invalid-request", 400


class Unauthenticated(CallerError):
    code, status = "unauthenticated", 401


class Forbidden(CallerError):
    code, status = "forbidden", 403

    def __init__(self, caller_id: str | None = None) -> None:
        super().__init__()
        self.caller_id = caller_id


class Misconfigured(OperatorError):
    code, status = "misconfigured", 500

    def __init__(self, problems: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.problems = problems


class IdentityNotAssigned(OperatorError):
    code, status = "identity-not-assigned", 500


class AccountKeyUnavailable(OperatorError):
    code, status = "account-key-unavailable", 500


class AccountKeyRejected(OperatorError):
    code, status = "account-key-rejected", 502


class IdentityRejected(OperatorError):
    code, status = "identity-rejected", 502


class StsRejectedRequest(OperatorError):
    code, status = "sts-rejected-request", 502


class StsInvalidResponse(OperatorError):
    code, status = "sts-invalid-response", 502


class InternalError(OperatorError):
    code, status = "internal-error", 500


class IdentityUnavailable(TransientError):
    code, status = "identity-unavailable", 503


class KeyVaultUnavailable(TransientError):
    code, status = "key-vault-unavailable", 503


class StsThrottled(TransientError):
    code, status = "sts-throttled", 503


class StsUnavailable(TransientError):
    code, status = "sts-unavailable", 503


class UpstreamTimeout(TransientError):
    code, status = "upstream-timeout", 504
