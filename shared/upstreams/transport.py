"""The way to one upstream: every byte of an exchange passes here, that of the Azure SDKs included.

One place therefore holds for all of them: the deadline, the retries, the cap on what is read, failures as our own
errors, no redirect, no credentials but ours.
"""

import random
from collections.abc import Callable
from typing import Any, Final, override

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError

from shared.errors import ArrTokenError, TransientError, UpstreamTimeout
from shared.upstreams.connections import Connections
from shared.upstreams.failures import UpstreamFailures, transport_failure_kind
from shared.upstreams.response_body import drain, plain, read_body

_RETRIES: Final = 2  # contract section 5: for each upstream within one exchange
_BACK_OFF_S: Final = (0.1, 0.3)  # bounds of the first pause, doubled for the second: short, as callers wait for it
_LEAST_TIMEOUT_S: Final = 0.001  # 0 would mean non-blocking
_OK: Final = 200
_SERVER_ERROR: Final = 500

type Prepare = Callable[[requests.PreparedRequest], None]


class Transport(HTTPAdapter):
    """The adapter under ``session``, for one upstream and one exchange; for the exchange's thread alone.

    Requests through it return a 200 (or a status that is passed on) with its body read, or raise `ArrTokenError`.
    ``prepare`` is called before each attempt, retries included. ``last_status`` is that of the last answer, None where
    there was none; ``asked_at`` is when the last attempt began: what it brought can't be older.
    """

    def __init__(self, upstream: UpstreamFailures, connections: Connections, prepare: Prepare | None = None) -> None:
        self._upstream = upstream
        self._connections = connections
        self._exchange = connections.exchange
        self._prepare = prepare
        self._retries_left = _RETRIES
        self.last_status: int | None = None
        self.asked_at = connections.clock()
        super().__init__()
        self.session = requests.Session()
        self.session.auth = _as_given
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, self)
        connections.adopt(self.session)

    @override
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._connections.pool_classes

    @override
    def build_connection_pool_key_attributes(self, request: Any, verify: bool | str, cert: Any = None) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] != "https":
            return host, {}
        return host, {"cert_reqs": "CERT_REQUIRED", "ssl_context": self._connections.tls(verify)}

    @override
    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the pool as it is: the context holds the CAs already."""

    @override
    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._connections.pool_classes
        return manager

    @override
    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        self._exchange.upstream = self._upstream.name
        options = {"verify": verify, "cert": cert, "proxies": {} if self._upstream.direct else proxies}
        while True:
            outcome = self._attempt(request, options)
            if isinstance(outcome, requests.Response):
                return outcome
            if not self._worth_retrying(outcome) or not self._back_off():
                try:
                    raise outcome
                finally:
                    del outcome  # else the error, its traceback and this frame would keep each other, and the key

    def _attempt(self, request: requests.PreparedRequest, options: dict[str, Any]) -> requests.Response | ArrTokenError:
        """Send once; failures are returned, not raised, so that none of them has the raw error as its context."""
        self.last_status = None
        if self._prepare is not None:
            self._prepare(request)
        try:
            self.asked_at = self._connections.clock()
            limit_s = max(self._exchange.remaining_s(), _LEAST_TIMEOUT_S)
            with super().send(request, stream=True, timeout=limit_s, **options) as answer:
                self.last_status = answer.status_code
                return self._upstream.refused(answer, self._connections.clock().wall) or self._read(request, answer)
        except (requests.Timeout, ReadTimeoutError):
            return self._upstream.unanswered(UpstreamTimeout, "timeout")
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            return self._upstream.unanswered(self._upstream.unavailable, transport_failure_kind(error))

    def _read(self, request: requests.PreparedRequest, answer: requests.Response) -> requests.Response | ArrTokenError:
        if answer.status_code != _OK:
            drain(answer.raw)
            return self.build_response(request, plain(answer, b""))
        body = read_body(answer)
        return self._upstream.unread(answer) if body is None else self.build_response(request, plain(answer, body))

    def _worth_retrying(self, error: ArrTokenError) -> bool:
        """Tell whether it is a connection failure or a 5xx; one with Retry-After is left alone for that long."""
        if isinstance(error, UpstreamTimeout) or not isinstance(error, TransientError) or error.retry_after_s:
            return False
        return error.upstream_status is None or error.upstream_status >= _SERVER_ERROR

    def _back_off(self) -> bool:
        """Pause before a retry; False where there is none left, or no time for it."""
        pause_s = random.uniform(*_BACK_OFF_S) * 2 ** (_RETRIES - self._retries_left)
        if not self._retries_left or pause_s >= self._exchange.remaining_s():
            return False
        self._retries_left -= 1
        return not self._connections.shutting.wait(pause_s)


def _as_given(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave Authorization alone: without an ``auth`` of ours, requests replaces it from ~/.netrc or the URL's user."""
    return request
