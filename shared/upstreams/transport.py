"""Transport adapter for every upstream call, the SDKs' included.

It holds for all of them: deadline, retries, size cap, errors of our own, no redirect, no credentials but ours.
"""

import random
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, override

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.exceptions import HTTPError, ReadTimeoutError

from shared.errors import ArrTokenError, Misconfigured, TransientError, UpstreamTimeout
from shared.upstreams.connections import ADDRESS_LIMIT_S, Connections
from shared.upstreams.failures import UpstreamFailures, proxy_demands_sign_in
from shared.upstreams.response_body import drain, read_body, sanitized_response

_RETRIES: Final = 2  # contract section 5: for each upstream, in an exchange that a request may wait for
_MIN_TIMEOUT_S: Final = 0.001  # 0 would mean non-blocking


class Transport(HTTPAdapter):
    """The adapter under ``session``, for one upstream within one exchange. Only for the exchange's thread.

    A request through it returns a 200 (or a status that its reader wants) with its body read, or raises
    `ArrTokenError`. ``before_attempt`` is called with the request before each attempt.
    """

    def __init__(
        self,
        failures: UpstreamFailures,
        connections: Connections,
        before_attempt: Callable[[requests.PreparedRequest], None] | None = None,
    ) -> None:
        self._failures = failures
        self._connections = connections
        self._exchange = connections.exchange
        self._before_attempt = before_attempt
        self._retries_left = 0 if self._exchange.trigger == "refresh" else _RETRIES  # no request waits for a refresh
        self._pause_factor = 1
        self._verify: bool | str = True
        super().__init__()
        self.session = requests.Session()
        self.session.auth = _leave_authorization
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, self)
        connections.close_with_exchange(self.session)

    @override
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._connections.pool_classes

    @override
    def build_connection_pool_key_attributes(self, request: Any, verify: bool | str, cert: Any = None) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] != "https":
            return host, {}
        return host, {"cert_reqs": "CERT_REQUIRED", "ssl_context": self._connections.tls_context(verify)}

    @override
    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the pool as it is: its TLS context holds the CAs already."""

    @override
    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        if proxy.lower().startswith("https:"):
            proxy_kwargs["proxy_ssl_context"] = self._connections.tls_context(self._verify)
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        manager.pool_classes_by_scheme = self._connections.pool_classes
        return manager

    @override
    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        self._verify = verify
        try:
            return super().get_connection_with_tls_context(request, verify, proxies, cert)
        except ArrTokenError:
            raise
        except Exception:
            if not select_proxy(str(request.url), proxies):
                raise
        raise self._proxy_misconfigured(proxies, "the address of an http or https proxy")

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
        self._exchange.progress.upstream = self._failures.name
        options = {"verify": verify, "cert": cert, "proxies": {} if self._failures.direct else proxies}
        while True:
            try:
                return self._attempt(request, options)
            except TransientError as failure:
                if not self._is_worth_retrying(failure) or not self._back_off():
                    raise

    def _attempt(self, request: requests.PreparedRequest, options: dict[str, Any]) -> requests.Response:
        """Send once. Errors are raised outside the except blocks, so that none has a raw error as its context."""
        if self._before_attempt is not None:
            self._before_attempt(request)
        limit_s = max(min(self._exchange.remaining_s(), self._failures.call_limit_s), _MIN_TIMEOUT_S)
        failure: ArrTokenError
        try:
            timeout = (min(limit_s, ADDRESS_LIMIT_S), limit_s)
            with super().send(request, stream=True, timeout=timeout, **options) as upstream_response:
                status_failure = self._failures.for_status(upstream_response, self._connections.clock().wall)
                if status_failure is None:
                    return self._read(request, upstream_response)
                failure = status_failure
        except (requests.Timeout, ReadTimeoutError):
            failure = self._failures.timeout()
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            if proxy_demands_sign_in(error):
                failure = self._proxy_misconfigured(options["proxies"], "the address of a proxy that needs no sign-in")
            else:
                failure = self._failures.no_response(error)
        try:
            raise failure
        finally:
            del failure  # else the error, its traceback and this frame would keep each other, and the key, alive

    def _read(self, request: requests.PreparedRequest, upstream_response: requests.Response) -> requests.Response:
        if upstream_response.status_code != HTTPStatus.OK:
            drain(upstream_response.raw)
            return self.build_response(request, sanitized_response(upstream_response, b""))
        body = read_body(upstream_response)
        if body is None:
            raise self._failures.unreadable(upstream_response)
        return self.build_response(request, sanitized_response(upstream_response, body))

    def _is_worth_retrying(self, failure: TransientError) -> bool:
        """Tell whether it is a connection failure or a 5xx. One with Retry-After becomes the cool-down instead."""
        if isinstance(failure, UpstreamTimeout) or failure.retry_after_s:
            return False
        return failure.upstream_status is None or failure.upstream_status >= HTTPStatus.INTERNAL_SERVER_ERROR

    def _back_off(self) -> bool:
        """Pause before a retry; False if none is left, or no time for it."""
        pause_s = random.uniform(*self._connections.back_off_s) * self._pause_factor
        if not self._retries_left or pause_s >= self._exchange.remaining_s():
            return False
        self._retries_left -= 1
        self._pause_factor *= 2
        return not self._connections.aborted.wait(pause_s)

    def _proxy_misconfigured(self, proxies: dict[str, str], rule: str) -> Misconfigured:
        name = "HTTPS_PROXY" if "https" in proxies else "ALL_PROXY"
        return Misconfigured((f"{name} must be {rule}, or not set",), upstream=self._failures.name)


def _leave_authorization(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Do nothing: without an ``auth``, requests would replace Authorization from ~/.netrc or the URL's user."""
    return request
