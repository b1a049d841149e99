"""Reading a response's body."""

import gzip
import tracemalloc
import zlib

import pytest
import requests

from shared.errors import StsUnavailable
from shared.upstreams.response_body import read_body
from tests.unit.upstreams.harness import ExchangeHarness, failure_of
from tests.unit.upstreams.server import Server, http_response

_GZIP = "Content-Encoding: gzip"


def _read(sent: bytes) -> bytes | None:
    with Server(sent, b"") as server, requests.get(server.url, stream=True, timeout=5) as response:
        return read_body(response)


def _raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


@pytest.mark.parametrize("length", [0, 1, 65_535, 65_536])
@pytest.mark.parametrize("encoding", ["identity", "gzip", "chunked"])
def test_a_body_of_64_kib_is_read(length: int, encoding: str) -> None:
    """A body of up to 65,536 bytes is read whole, in one piece or in chunks."""
    body = b"x" * length
    assert _read(_sent(body, encoding)) == body


@pytest.mark.parametrize("length", [65_537, 65_538, 655_360])
@pytest.mark.parametrize("encoding", ["identity", "gzip", "chunked"])
def test_a_larger_body_is_not_read(length: int, encoding: str) -> None:
    """A body of 65,537 bytes or more, counted after decoding, is unreadable."""
    assert _read(_sent(b"x" * length, encoding)) is None


def _sent(body: bytes, encoding: str) -> bytes:
    if encoding == "chunked":
        chunks = [body[start : start + 9999] for start in range(0, len(body), 9999)]
        framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed
    return http_response(200, gzip.compress(body), _GZIP) if encoding == "gzip" else http_response(200, body)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_costs_little_memory(layers: int) -> None:
    """Decoding a body that inflates to 64 MiB, also if it was packed twice, stops after 64 KiB."""
    body = bytes(64 * 1024 * 1024)
    for _ in range(layers):
        body = gzip.compress(body)
    sent = http_response(200, body, "Content-Encoding: " + ", ".join(["gzip"] * layers))
    tracemalloc.start()
    try:
        assert _read(sent) is None
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        pytest.param(zlib.compress(b"{}"), "deflate", id="deflate"),
        pytest.param(_raw_deflate(b"{}"), "deflate", id="deflate without its header"),
        pytest.param(gzip.compress(b"{}"), "x-gzip", id="x-gzip"),
        pytest.param(gzip.compress(zlib.compress(b"{}")), "deflate, gzip", id="two, one over the other"),
        pytest.param(b"{}", "identity", id="identity"),
        pytest.param(b"{}", "nonsense", id="an unknown one, which is left as it is"),
    ],
)
def test_encodings(packed: bytes, encoding: str) -> None:
    """A body is decoded if its encoding is known."""
    assert _read(http_response(200, packed, f"Content-Encoding: {encoding}")) == b"{}"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip"])
@pytest.mark.parametrize("packed", [b"not packed", gzip.compress(b"{}" * 99)[:9] + b"\xff" * 40], ids=["plain", "bad"])
def test_a_wrong_encoding_cannot_be_read(packed: bytes, encoding: str) -> None:
    """A body that does not match its encoding is unreadable."""
    assert _read(http_response(200, packed, f"Content-Encoding: {encoding}")) is None


@pytest.mark.parametrize(
    "body", [b"\xff", b'{"value": "k\xe9y"}', "{}".encode("utf-16"), b'"\xed\xa0\x80"', b"\xc0\x80"]
)
def test_text_that_is_not_utf_8_cannot_be_read(body: bytes) -> None:
    """Illegal characters are not replaced, since that would change a key."""
    assert _read(http_response(200, body)) is None
    assert _read(http_response(200, gzip.compress(body), _GZIP)) is None


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", id="one byte is missing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", id="all of it is missing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", id="no last chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}", id="within a chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", id="no chunk at all"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", id="a bad chunk length"),
        pytest.param(b"HTTP/1.1 200 O", id="within the status line"),
        *(
            pytest.param(b"HTTP/1.1 %d Any\r\n%b" % (status, begun), id=f"{status} {begun.decode().strip()}")
            for status in (100, 200, 302, 401, 404, 500)
            for begun in (
                b"",
                b"MS-CV: x\r\n",
                b"Content-Len",
                b"Content-Length: 0",
                b"Content-Length: 0\r\n",
                b"Date: Mon",
            )
        ),
    ],
)
def test_a_response_that_is_cut_off_is_a_reset(sent: bytes) -> None:
    """Half of a challenge or of a refusal is never used, whatever its status."""
    with Server(lambda connected: connected.sendall(sent)) as server, ExchangeHarness() as harness:
        failure = failure_of(lambda: harness.get(server.url))
        assert (type(failure), failure.kind, failure.upstream_status) == (StsUnavailable, "connection", None)
        assert len(server.requests) == 3


@pytest.mark.parametrize("end", [b"\r\n", b"\n"], ids=["CRLF", "LF"])
@pytest.mark.parametrize("headers", [b"", b"MS-CV: x"], ids=["no header", "a header"])
def test_a_body_that_ends_with_its_connection_is_read(end: bytes, headers: bytes) -> None:
    """An HTTP/1.0 body that ends with the connection is read."""
    head = b"HTTP/1.0 200 OK" + end + (headers + end if headers else b"") + end
    with Server(lambda connected: connected.sendall(head + b"{}")) as server, ExchangeHarness() as harness:
        assert harness.get(server.url).content == b"{}"


def test_an_interim_response_is_skipped() -> None:
    """A caller gets the response that follows 100 Continue."""
    with Server(b"HTTP/1.1 100 Continue\r\n\r\n" + http_response()) as server, ExchangeHarness() as harness:
        assert harness.get(server.url).status_code == 200


def test_the_sdks_get_only_the_needed_parts() -> None:
    """The SDKs get three headers and a JSON body, and nothing that they would follow or decode."""
    dropped = [f"{name}: x" for name in ("Location", "Set-Cookie", "Retry-After", "X-Any", "Refresh", "Content-Type")]
    sent = http_response(
        401, b"", "www-authenticate: Bearer", "MS-CV: cv", "Date: now", "Content-Encoding: gzip", *dropped
    )
    with Server(sent) as server, ExchangeHarness() as harness:
        response = harness.get(server.url)
    assert dict(response.headers) == {
        "WWW-Authenticate": "Bearer",
        "MS-CV": "cv",
        "Date": "now",
        "Content-Type": "application/json",
        "Content-Length": "0",
    }
