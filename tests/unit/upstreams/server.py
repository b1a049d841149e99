"""A server on loopback that sends given bytes, for responses that the simulated services can't send."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self

import pytest

from local.services.certificates import CertificateAuthority

type Act = Callable[[socket.socket], None]

PATIENCE_S = 5.0  # normally milliseconds
SOON_S = 1.0  # much longer than a millisecond and much shorter than PATIENCE_S
UNFINISHED_TLS_RECORD = b"\x16\x03\x03\x40\x00"  # the beginning of one of 16 KiB


class Server:
    """Sends the next of its responses to each request on 127.0.0.1; the last one serves all later requests.

    Bytes are sent, and the connection stays open unless there are none; after an act it is closed. With ``greet``
    that act is all that happens on a connection; ``after_handshake`` replaces `talk` over TLS.
    """

    def __init__(
        self,
        *responses: bytes | Act,
        context: ssl.SSLContext | None = None,
        greet: Act | None = None,
        after_handshake: Act | None = None,
    ) -> None:
        self.requests: list[str] = []  # each with its headers
        self.connections = 0
        self.over = threading.Event()
        self._responses = list(responses)
        self._context = context
        self._greet = greet
        self._after_handshake = after_handshake or self.talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._accepted: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    @property
    def address(self) -> str:
        """Host and port."""
        return "{}:{}".format(*self._listener.getsockname())

    @property
    def url(self) -> str:
        """A URL on this server."""
        return f"{'https' if self._context else 'http'}://{self.address}/some/path?some=query"

    def then(self, *responses: bytes | Act) -> None:
        """Send these responses to the next requests."""
        self._responses = list(responses)

    @property
    def https_url(self) -> str:
        """The same URL with https, whether the server uses TLS or not."""
        return f"https://{self.address}/some/path?some=query"

    def hang(self, _: socket.socket) -> None:
        """Send nothing until the test is over."""
        assert self.over.wait(PATIENCE_S)

    def trickle(self, connected: socket.socket) -> None:
        """Send a byte now and then until the test is over or the client has gone."""
        while not self.over.wait(0.02):
            connected.sendall(b"1")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for each in (self._listener, *self._accepted):
            with suppress(OSError):  # it has ended already
                socket.socket.shutdown(each, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
        self._listener.close()

    def _start(self, target: Callable[..., None], *args: Any) -> None:
        self._threads.append(threading.Thread(target=target, args=args, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                accepted, _ = self._listener.accept()
                self.connections += 1
                self._start(self._serve, accepted)

    def _serve(self, accepted: socket.socket) -> None:
        with suppress(OSError), closing(accepted):
            self._accepted.append(accepted)
            if self._greet is not None:
                self._greet(accepted)
                return
            if self._context is None:
                self.talk(accepted)
                return
            with self._context.wrap_socket(accepted, server_side=True) as wrapped:
                self._accepted.append(wrapped)
                self._after_handshake(wrapped)

    def talk(self, connected: socket.socket) -> None:
        """Respond to the requests of a connection."""
        while head := read_head(connected):
            self.requests.append(head)
            response = self._responses.pop(0) if len(self._responses) > 1 else self._responses[0]
            if not isinstance(response, bytes):
                response(connected)
                return
            if not response:
                return
            connected.sendall(response)


class SilentAddress:
    """An address of 127.0.0.1 that drops packets: its queue is full, so that the kernel ignores each SYN."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self._queued = [socket.socket() for _ in range(4)]
        for client in self._queued:
            client.settimeout(0)
            client.connect_ex(self._listener.getsockname())

    @property
    def address(self) -> str:
        """Host and port."""
        return "{}:{}".format(*self._listener.getsockname())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (*self._queued, self._listener):
            each.close()


def resolve(monkeypatch: pytest.MonkeyPatch, *addresses: str, name: str | None = None) -> None:
    """Let a name, or else every name, have these addresses (host and port), in this order, for the rest of the test."""
    found = [address.rsplit(":", 1) for address in addresses]

    real = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if name not in {None, host}:
            return real(host, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, int(port))) for host, port in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def read_head(connected: socket.socket) -> str:
    """Return the next request without its body; nothing if the client has gone."""
    head = b""
    while b"\r\n\r\n" not in head:
        received = connected.recv(65_536)
        if not received:
            return ""
        head += received
    return head.decode()


def http_response(status: int = 200, body: bytes = b"{}", *headers: str) -> bytes:
    """Return an HTTP response as bytes."""
    lines = [f"HTTP/1.1 {status} Any", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def trusted(monkeypatch: pytest.MonkeyPatch, directory: Path) -> ssl.SSLContext:
    """Return the TLS context of a server that requests trusts for the rest of the test."""
    authority = CertificateAuthority()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.write_bundle(directory, with_public_cas=False)))
    return authority.server_context()
