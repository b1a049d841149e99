"""What one exchange has open to the outside: sessions whose sockets can be shut from another thread."""

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import override

import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from shared.clock import Clock
from shared.tokens.exchange import Exchange

type PoolClasses = dict[str, type[HTTPConnectionPool]]


class Connections:
    """The sockets of one exchange. Thread-safe: ``shut`` comes from the watchdog's thread."""

    def __init__(self, exchange: Exchange, clock: Clock) -> None:
        self.exchange = exchange
        self.clock = clock
        self.shutting = threading.Event()
        self.pool_classes = _pool_classes(self._register)
        self._sockets: list[socket.socket] = []
        self._sessions: list[requests.Session] = []
        self._tls: dict[str | bool, ssl.SSLContext] = {}
        exchange.when_given_up(self.shut)

    def adopt(self, session: requests.Session) -> None:
        """Have a session closed with the rest."""
        self._sessions.append(session)

    def tls(self, verify: str | bool) -> ssl.SSLContext:
        """Return the context for requests' ``verify``, made once: reading the CAs takes longer than a handshake.

        Certificates are always verified: with a bundle's or folder's path, and with requests' own CAs otherwise.
        """
        if verify not in self._tls:
            context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
            location = verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH
            folder = Path(location).is_dir()
            context.load_verify_locations(None if folder else location, location if folder else None)
            self._tls[verify] = context
        return self._tls[verify]

    def close(self) -> None:
        """Close what the exchange leaves open."""
        for session in self._sessions:
            session.close()

    def shut(self) -> None:
        """End every call that is under way, however its server stretches it, and every later one."""
        self.shutting.set()
        for connected in self._sockets:
            try:
                socket.socket.shutdown(connected, socket.SHUT_RDWR)  # past the TLS layer, which its thread is using
            except OSError:
                continue  # closed already

    def _register(self, connected: socket.socket) -> socket.socket:
        self._sockets.append(connected)
        if self.shutting.is_set():
            self.shut()
        return connected


def _pool_classes(register: Callable[[socket.socket], socket.socket]) -> PoolClasses:
    """Return urllib3's pools with connections that report their sockets as soon as those are connected."""

    class Plain(HTTPConnection):
        @override
        def _new_conn(self) -> socket.socket:
            return register(super()._new_conn())

    class Tls(HTTPSConnection):
        @override
        def _new_conn(self) -> socket.socket:  # so that a proxy's answer to CONNECT can be ended, too
            return register(super()._new_conn())

        @override
        def connect(self) -> None:
            super().connect()
            register(self.sock)  # TLS has wrapped the first one, which is no more

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}
