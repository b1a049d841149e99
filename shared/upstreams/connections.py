"""The sockets of one exchange, which abort shuts from another thread, and the TLS contexts of its calls."""

import contextlib
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, override
from urllib.parse import urlsplit

import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from shared.clock import Clock
from shared.errors import Misconfigured
from shared.tokens.exchange import Exchange
from shared.upstreams.response_body import WholeHeadersResponse

_EARLY_LIMIT_S: Final = 1.0  # an address; whatever takes longer is left to the call itself
ADDRESS_LIMIT_S: Final = 4.0  # contract section 5: then the next address of the name is tried
BACK_OFF_S: Final = (0.1, 0.3)  # bounds of the pause before a first retry: short, because requests wait for it
_HASHED_NAME: Final = re.compile(r"[0-9a-f]{8}\.[0-9]+")  # OpenSSL looks for these names in a folder of CAs
_CA_VARIABLES: Final = (
    "REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE must name a readable file, or a folder with hashed names, of CA certificates"
)

type PoolClasses = dict[str, type[HTTPConnectionPool]]


class Connections:
    """The connections of one exchange. Thread-safe: `abort` is called on the watchdog's thread."""

    def __init__(self, exchange: Exchange, clock: Clock, back_off_s: tuple[float, float] = BACK_OFF_S) -> None:
        self.exchange = exchange
        self.clock = clock
        self.back_off_s = back_off_s
        self.aborted = threading.Event()
        self.pool_classes = _pool_classes(self)
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._sessions: list[requests.Session] = []
        self._early: dict[tuple[str, int], socket.socket] = {}
        self._tls_contexts: dict[str | bool, ssl.SSLContext] = {}
        exchange.on_abort(self.abort)

    def close_with_exchange(self, session: requests.Session) -> None:
        """Have a session closed by `close`."""
        self._sessions.append(session)

    def tls_context(self, verify: str | bool) -> ssl.SSLContext:
        """Return the context for the ``verify`` of requests, made once: reading the CAs takes about 25 ms.

        Certificates are always verified: with the file or folder that ``verify`` names, else with the CAs of requests.
        Raises `Misconfigured` if there are none.
        """
        if verify not in self._tls_contexts:
            self._tls_contexts[verify] = _tls_context(verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH)
        return self._tls_contexts[verify]

    def open(self, host: str, port: int, limit_s: float, tls: ssl.SSLContext | None = None) -> socket.socket:
        """Connect to the first address of the name that answers; ``limit_s`` bounds each of them, TLS included.

        Raises OSError: `socket.gaierror`, `ssl.SSLError`, or `TimeoutError` if any of the addresses timed out.
        """
        failure: OSError | None = None
        try:
            for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                try:
                    return self._open_address(
                        (family, kind, protocol), address, limit_s, None if tls is None else (tls, host)
                    )
                except ssl.SSLCertVerificationError:
                    raise
                except OSError as error:
                    if not isinstance(failure, TimeoutError):
                        failure = error
            raise failure or OSError("the name has no address")
        finally:
            del failure  # else the error, its traceback and this frame would keep each other alive

    def open_early(self, urls: Iterable[str]) -> None:
        """Open TLS connections before the calls that will use them, each for one call to its host and port.

        For the start of a worker: the connections take their time while another thread imports the SDKs. One that
        fails is no failure, because the call then opens its own; so does a call through a proxy.
        """
        session = requests.Session()
        for url in urls:
            settings = session.merge_environment_settings(url, {}, None, None, None)
            if select_proxy(url, settings["proxies"]):
                continue
            host, port = urlsplit(url).hostname or "", urlsplit(url).port or HTTPSConnection.default_port
            with contextlib.suppress(OSError, ValueError, Misconfigured):
                tls = self.tls_context(settings["verify"])
                self._early[host, port] = self.open(host, port, _EARLY_LIMIT_S, tls)

    def take_early(self, host: str, port: int) -> socket.socket | None:
        """Return the early connection to a host and port, if there is one and its server has not closed it since."""
        early = self._early.pop((host, port), None)
        if early is None:
            return None
        early.settimeout(0)
        try:
            early.recv(1)  # also reads the session tickets of TLS 1.3
        except ssl.SSLWantReadError:
            return early
        except OSError:
            pass
        early.close()
        return None

    def register(self, connected: socket.socket) -> None:
        """Have `abort` shut a socket, and `close` close it; raises `ConnectionAbortedError` after an abort."""
        with self._lock:
            self._sockets.append(connected)
        if self.aborted.is_set():
            raise ConnectionAbortedError

    def close(self) -> None:
        """Close what the exchange leaves open."""
        for session in self._sessions:
            session.close()
        with self._lock:
            sockets = list(self._sockets)
        for connected in sockets:
            connected.close()

    def abort(self) -> None:
        """End every call under way, however slowly its server answers, and every later one."""
        self.aborted.set()
        with self._lock:
            sockets = list(self._sockets)
        for connected in sockets:
            _shut(connected)

    def _open_address(
        self,
        kind: tuple[int, int, int],
        address: Any,
        limit_s: float,
        tls: tuple[ssl.SSLContext, str] | None,
    ) -> socket.socket:
        until = time.monotonic() + limit_s
        connected = socket.socket(*kind)
        try:
            self.register(connected)
            connected.settimeout(limit_s)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected.connect(address)
            if tls is not None:
                context, host = tls
                connected = context.wrap_socket(connected, server_hostname=host, do_handshake_on_connect=False)
                self.register(connected)
                connected.settimeout(max(until - time.monotonic(), 0.001))  # bounds the whole handshake
                connected.do_handshake()
        except BaseException:
            connected.close()
            raise
        return connected


def _shut(connected: socket.socket) -> None:
    try:
        socket.socket.shutdown(connected, socket.SHUT_RDWR)  # not TLS's own: the exchange's thread is using that layer
    except OSError:  # closed already
        return


def _tls_context(location: str) -> ssl.SSLContext:
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    path = Path(location)
    try:
        if not path.is_dir():
            context.load_verify_locations(cafile=location)
            return context
        if any(_HASHED_NAME.fullmatch(entry.name) for entry in path.iterdir()):
            context.load_verify_locations(capath=location)
            return context
    except OSError:  # ssl.SSLError, too: no certificate in the file
        pass
    raise Misconfigured((_CA_VARIABLES,))


def _pool_classes(connections: Connections) -> PoolClasses:
    """Return urllib3's pools with connections that open their sockets through ``connections``."""

    class Plain(HTTPConnection):
        response_class = WholeHeadersResponse

        @override
        def connect(self) -> None:
            self.sock = _opened(connections, self, None)

    class Tls(HTTPSConnection):
        response_class = WholeHeadersResponse

        @override
        def connect(self) -> None:
            if self.proxy is None:
                early = connections.take_early(self.host, self.port)
                self.sock = early or _opened(connections, self, self.ssl_context)
                self.is_verified = True
            elif connections.aborted.is_set():
                raise ConnectionAbortedError
            else:  # urllib3 knows tunnels; it sets self.sock as soon as the proxy is connected
                super().connect()

        @property
        def sock(self) -> Any:
            return self._sock

        @sock.setter
        def sock(self, value: Any) -> None:
            self._sock = value
            if type(value) is socket.socket and self.proxy is not None:
                connections.register(value.dup())  # TLS detaches the socket; its duplicate still shuts the connection

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}


def _opened(connections: Connections, connection: HTTPConnection, tls: ssl.SSLContext | None) -> socket.socket:
    """Open a connection's socket, with failures as urllib3's own, which requests maps to its errors."""
    limit_s = connection.timeout if isinstance(connection.timeout, float) else ADDRESS_LIMIT_S
    try:
        return connections.open(connection.host, connection.port or connection.default_port, limit_s, tls)
    except socket.gaierror as error:
        raise NameResolutionError(connection.host, connection, error) from error
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, "no address answered in time") from error
    except ssl.SSLError:
        raise
    except OSError as error:
        raise NewConnectionError(connection, "no address could be connected to") from error
