"""What the failures of an upstream are called: statuses and transport failures as our errors, without their text."""

import ssl
from collections.abc import Callable, Iterator
from typing import NamedTuple

import requests
from urllib3.exceptions import NameResolutionError, ProxyError, SSLError

from shared.errors import ArrTokenError, TransientError, UpstreamTimeout
from shared.formats import ms_cv_from, retry_after_s

#: 4xx that say nothing about the request: it may succeed later.
TRANSIENT_STATUSES = frozenset({408, 425, 429})
_PROXY_SIGN_IN = "Tunnel connection failed: 407"  # http.client has no other sign of it than this text


class UpstreamFailures(NamedTuple):
    """One upstream's failures.

    ``error_for_status`` takes the status and the MS-CV and returns the error, or None for a response that is passed on
    to its reader. ``direct`` keeps proxies out of the way. ``call_limit_s`` bounds one call, in seconds.
    """

    name: str
    unavailable: type[TransientError]
    unreadable_error: type[ArrTokenError]
    error_for_status: Callable[[int, str | None], type[ArrTokenError] | None]
    direct: bool = False
    sends_ms_cv: bool = False
    call_limit_s: float = 60.0

    def timeout(self) -> UpstreamTimeout:
        """Return the failure of a call without a response in time."""
        return UpstreamTimeout(upstream=self.name, kind="timeout")

    def no_response(self, error: Exception) -> TransientError:
        """Return the failure of a call without a response."""
        return self.unavailable(upstream=self.name, kind=transport_failure_kind(error))

    def for_status(self, response: requests.Response, wall_s: float) -> ArrTokenError | None:
        """Return the failure that the status means, if any; ``wall_s`` as for `retry_after_s`."""
        error = self.error_for_status(response.status_code, self._ms_cv(response))
        if error is None:
            return None
        return self._failure(error, response, "status", retry_after_s(response.headers, wall_s))

    def unreadable(self, response: requests.Response) -> ArrTokenError:
        """Return the failure of a body that is too large or not text."""
        return self._failure(self.unreadable_error, response, "body")

    def _failure(
        self, error: type[ArrTokenError], response: requests.Response, kind: str, wait_s: int | None = None
    ) -> ArrTokenError:
        return error(
            ms_cv=self._ms_cv(response),
            retry_after_s=wait_s,
            upstream=self.name,
            upstream_status=response.status_code,
            kind=kind,
        )

    def _ms_cv(self, response: requests.Response) -> str | None:
        return ms_cv_from(response.headers) if self.sends_ms_cv else None


def transport_failure_kind(error: Exception) -> str:
    """Return the word for a transport failure in the log: ``name``, ``tls``, ``proxy`` or ``connection``."""
    causes = tuple(_causes(error))
    for kind, types in (
        ("name", NameResolutionError),
        ("proxy", (ProxyError, requests.exceptions.ProxyError)),
        ("tls", (SSLError, requests.exceptions.SSLError, ssl.SSLError)),
    ):
        if any(isinstance(cause, types) for cause in causes):
            return kind
    return "connection"


def proxy_demands_sign_in(error: Exception) -> bool:
    """Tell whether a proxy refused the tunnel with 407."""
    return any(str(cause).startswith(_PROXY_SIGN_IN) for cause in _causes(error) if isinstance(cause, OSError))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
