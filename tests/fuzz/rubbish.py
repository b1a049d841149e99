"""Input that others may send: nearly right, wrong, and long."""

import base64
import gzip
import json
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

ECHO: Final = "bWFkZS11cC1hY2NvdW50LWtleS1vZi10aGUtdGVzdHM="  # the account key; upstreams may well send it back
_MOST_CHARACTERS: Final = 32_000  # about the platform's limit, and half of http.client's

numbers: Final[SearchStrategy[Any]] = st.one_of(
    st.integers(-2, 2), st.integers(-(10**20), 10**20), st.floats(), st.sampled_from([10**400, 1_795_000_000, 1e300])
)
texts: Final = st.one_of(st.text(max_size=40), st.sampled_from(["", " ", ECHO, "roles", "\ud800", "\x00", "ü"]))
long_texts: Final = st.builds(
    lambda head, unit, times, tail: head + (unit * times)[:_MOST_CHARACTERS] + tail,
    st.sampled_from(["", '"', "Mon, ", "=", "no-cache,"]),
    st.text('"\\ (1a,=:;.[{9-+/\t\u0661', min_size=1, max_size=3),
    st.integers(1, _MOST_CHARACTERS),
    st.sampled_from(["", '"', " GMT", "="]),
)
json_values: Final[SearchStrategy[Any]] = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
_dates: Final = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001  # the time zone is added
    st.datetimes(timezones=st.just(UTC)),
).map(lambda moment: format_datetime(moment, usegmt=True))
_near_dates: Final = st.builds(
    "{} {} {}:{}:00 {}".format,
    st.sampled_from(["Mon, 01 Jan", "Tue, 24-Nov-26", "31 Dec", "Fri, 00 Feb"]),
    st.sampled_from(["0001", "9999", "2026", "99", "-1", "1e3", ""]),
    st.sampled_from(["00", "23", "25", "-1", "", "9" * 20]),
    st.sampled_from(["00", "59", "61", ":", ""]),
    st.sampled_from(["GMT", "+2359", "-2359", "-0000", "+9999999", "+99999999999999999999", "EST", "-", ""]),
)
dates: Final = st.one_of(_dates, _near_dates, st.text("0123456789 ,:GMTJanFebSun+-\t", max_size=40), texts, long_texts)
counts: Final = st.one_of(st.integers(-5, 10**40).map(str), st.text("0123456789", max_size=30))
retry_afters: Final = st.one_of(counts, dates)
vectors: Final = st.one_of(
    st.from_regex(r"[A-Za-z0-9+/]{16}([A-Za-z0-9+/]{6})?(\.[0-9]{1,11}){0,12}", fullmatch=True), texts, long_texts
)


def dumped(value: Any) -> bytes:
    """Return JSON, also of values that JSON does not have: NaN, infinity, halves of surrogate pairs."""
    text = json.dumps(value, default=str) if not isinstance(value, str) or value != "\ud800" else '"\\ud800"'
    return text.encode("utf-8", "surrogatepass")


blobs: Final = st.one_of(
    st.binary(max_size=200),
    json_values.map(dumped),
    st.sampled_from([b"[" * 60_000, b'{"a":' * 12_000, b"9" * 60_000, b" " * 65_536, b"x" * 65_537, ECHO.encode()]),
)


def base64url(content: bytes) -> str:
    """Encode as in a JWT."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


seconds: Final[SearchStrategy[Any]] = st.one_of(numbers, counts, st.integers(1, 253_402_300_800), json_values)
_near_seconds: Final = st.integers(1_795_000_000, 1_795_000_000 + 200_000)
_claims: Final = st.one_of(
    st.fixed_dictionaries({"exp": _near_seconds | _near_seconds.map(str), "iat": _near_seconds}),
    st.fixed_dictionaries({}, optional={"exp": seconds, "iat": seconds, "nbf": seconds}),
)
_payloads: Final = st.one_of(_claims.map(dumped), blobs)
jwts: Final = st.one_of(
    st.builds(lambda payload: f"e30.{base64url(payload)}.c2ln", _payloads),
    st.lists(st.one_of(st.text("AZaz09-_+/=", max_size=8), _payloads.map(base64url)), max_size=5).map(".".join),
)

_fields: Final = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=60) | st.just(ECHO)
headers: Final = st.fixed_dictionaries(
    {},
    optional={
        "MS-CV": vectors,
        "Date": dates,
        "Retry-After": retry_afters,
        "Content-Type": st.sampled_from(["text/html", "application/json; charset=utf-7", ";;=", ""]) | _fields,
        "Content-Encoding": st.sampled_from(["gzip", "deflate", "gzip, gzip", "br", "identity", ""]) | _fields,
        "Location": st.sampled_from(["http://[", "https://other.invalid/"]) | _fields,
        "Set-Cookie": st.sampled_from(["a=b; expires=x; domain=."]) | _fields,
    },
)
statuses: Final = st.one_of(st.just(200), st.sampled_from([201, 204, 302, 400, 401, 403, 404, 408, 429, 500, 503]))


class Sent(NamedTuple):
    """A response of an upstream."""

    status: int
    headers: dict[str, str]
    body: bytes


_BOMB: Final = gzip.compress(b" " * 20_000_000)  # 20 KB


def zipped(bodies: SearchStrategy[bytes]) -> SearchStrategy[Sent]:
    """Return compressed responses; some of them decode to a thousand times their size."""
    once = (bodies | st.just(b"")).map(gzip.compress) | st.just(_BOMB)
    fields = st.sampled_from([{"Content-Encoding": "gzip"}, {"Content-Encoding": "gzip, gzip"}])
    return st.builds(Sent, st.just(200), fields, once | once.map(gzip.compress) | once.map(lambda body: body[:-1]))


def responses(bodies: SearchStrategy[bytes]) -> SearchStrategy[Sent]:
    """Return responses with these bodies; a fourth of them is as valid as its body."""
    anything = st.builds(Sent, statuses | st.integers(101, 999), headers, bodies | blobs)
    return st.one_of(st.builds(Sent, st.just(200), st.just({}), bodies), anything, anything, zipped(bodies))
