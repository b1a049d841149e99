"""What an upstream sent, cut down to what its reader needs."""

import time
from io import BytesIO
from typing import Final

import requests
import urllib3
from urllib3.connection import HTTPConnection
from urllib3.exceptions import DecodeError, HTTPError, ProtocolError

MAX_BODY_BYTES: Final = 65_536  # contract section 4: 64 KiB; a token has about 1 KiB, a secret at most 25 KiB
_SMALL_BODY_BYTES: Final = 4_096
_DRAIN_TIMEOUT_S: Final = 0.1  # a body that nobody reads is worth this much waiting to keep its connection
_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})
_KEPT_HEADERS: Final = ("WWW-Authenticate", "MS-CV", "Date")


def read_body(answer: requests.Response) -> bytes | None:
    """Return the decoded body, or None where it is more than 64 KiB or no text.

    Raises what urllib3 raises when the connection fails on the way.
    """
    try:
        body: bytes = answer.raw.read(MAX_BODY_BYTES + 1, decode_content=True)
    except DecodeError:
        return None
    if not body and not any(name in answer.headers for name in _FRAMING):
        # http.client takes a connection that ends within the headers for an answer that is complete.
        raise ProtocolError("cut short in its headers")
    return body if len(body) <= MAX_BODY_BYTES and _is_utf8(body) else None


def _is_utf8(body: bytes) -> bool:
    """Tell whether the body is text as RFC 8259 wants it; the SDKs would put other characters in place of it."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def drain(raw: urllib3.HTTPResponse) -> None:
    """Read a small body that came with its headers, so that the connection can serve the next request.

    The status has decided already, so nothing that the body does matters: at worst the connection is lost.
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
            raw.read(decode_content=False)  # nothing; it gives the connection back
    except (HTTPError, OSError):
        return


def plain(answer: requests.Response, body: bytes) -> urllib3.HTTPResponse:
    """Return the answer as JSON, with nothing for the SDKs to follow: no redirect, cookie, encoding or charset."""
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return urllib3.HTTPResponse(BytesIO(body), headers, answer.status_code, preload_content=False)
