"""What an upstream sent, reduced to what its reader needs."""

import http.client
import time
from io import BytesIO
from typing import Any, Final, override

import requests
import urllib3
from urllib3.connection import HTTPConnection
from urllib3.exceptions import DecodeError, HTTPError

MAX_BODY_BYTES: Final = 65_536  # contract section 4: 64 KiB; a token has about 1 KiB, a secret at most 25 KiB
_SMALL_BODY_BYTES: Final = 4_096
_DRAIN_TIMEOUT_S: Final = 0.1  # reading a small body saves a new connection, which costs about as much
_KEPT_HEADERS: Final = ("WWW-Authenticate", "MS-CV", "Date")
_HEADERS_END: Final = (b"\r\n", b"\n")


class WholeHeadersResponse(http.client.HTTPResponse):
    """Raises if the connection ends within the headers: http.client takes that for the end of the headers."""

    @override
    def begin(self) -> None:
        reader = self.fp
        self.fp = lines = _LastLine(reader)  # type: ignore[assignment]  # begin() only reads lines
        try:
            super().begin()
        finally:
            self.fp = reader
        if lines.last not in _HEADERS_END:
            raise http.client.RemoteDisconnected("the connection ended within the headers")


class _LastLine:
    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self.last = b""

    def readline(self, limit: int = -1) -> bytes:
        self.last = self._reader.readline(limit)
        return self.last

    def close(self) -> None:
        self._reader.close()


def read_body(upstream_response: requests.Response) -> bytes | None:
    """Return the decoded body, or None if it has more than 64 KiB or is not UTF-8.

    Raises what urllib3 raises if the connection fails before its end.
    """
    try:
        body: bytes = upstream_response.raw.read(MAX_BODY_BYTES + 1, decode_content=True)
    except DecodeError:
        return None
    return body if len(body) <= MAX_BODY_BYTES and _is_utf8(body) else None


def _is_utf8(body: bytes) -> bool:
    """Tell whether the body is UTF-8, as RFC 8259 demands; the SDKs would replace other bytes."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def drain(raw: urllib3.HTTPResponse) -> None:
    """Read a small body that nobody needs, so that the connection can serve the next request.

    The status has decided already, so a failure only loses the connection.
    """
    connection, length = raw.connection, raw.length_remaining
    if length is None or length > _SMALL_BODY_BYTES or not isinstance(connection, HTTPConnection):
        return
    until = time.monotonic() + _DRAIN_TIMEOUT_S
    try:
        if connection.sock is not None:
            connection.sock.settimeout(_DRAIN_TIMEOUT_S)
        while raw.length_remaining and time.monotonic() < until:
            raw.read1(_SMALL_BODY_BYTES, decode_content=False)
        if not raw.length_remaining:
            raw.read(decode_content=False)  # reads nothing; it gives the connection back to its pool
    except (HTTPError, OSError):
        return


def sanitized_response(upstream_response: requests.Response, body: bytes) -> urllib3.HTTPResponse:
    """Return the response as JSON without anything that the SDKs would follow: redirect, cookie, encoding, charset."""
    kept = upstream_response.headers
    headers = {name: kept[name] for name in _KEPT_HEADERS if name in kept}
    headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return urllib3.HTTPResponse(BytesIO(body), headers, upstream_response.status_code, preload_content=False)
