"""Whole exchanges with the simulated services, one of which sends any response."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.settings import Settings
from tests.fuzz.exchange_harness import run_exchange
from tests.fuzz.profiles import exchanges, long_examples
from tests.fuzz.rubbish import ECHO, blobs, dumped, headers, json_values, jwts, statuses, texts, zipped

pytestmark = long_examples
_BODIES = st.one_of(
    st.builds(lambda token: dumped({"AccessToken": token, "access_token": token, "value": token}), jwts | texts),
    json_values.map(dumped),
    blobs,
)
_FRAMES: SearchStrategy[dict[str, str | None]] = st.fixed_dictionaries(
    {},
    optional={
        "Content-Length": st.sampled_from(["0", "1", "70000", "-1", "x", "9" * 5000, "1, 2", "²"]) | st.none(),
        "Transfer-Encoding": st.sampled_from(["chunked", "gzip", "identity"]),
        "Connection": st.sampled_from(["close", "upgrade"]),
        "WWW-Authenticate": st.sampled_from(["Bearer", 'Bearer authorization="", resource=""', ECHO]) | texts,
        "X\r\nMS-CV": texts,
    },
)
_LINES = st.sampled_from(
    [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 \r\n\r\n", b"HTTP/1.0 401 \r\n", b"HTTP/1.1 99999 \r\n", b"HTTP/9 200\n"]
) | st.binary(max_size=20)
_FIELDS = st.sampled_from(
    [b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n", b"MS-CV: a\r\n b\r\n", b"A: b\r\n" * 101, b": \r\n"]
) | st.binary(max_size=20)
_CHUNKS = st.sampled_from([b"\r\n", b"5\r\nabcde\r\n", b"-1\r\n", b"f" * 70_000, b"0\r\n", b"1\r\na\r\n" * 9_000])
_RAW = st.builds(
    lambda line, fields, chunks, end: line + b"".join(fields) + b"\r\n" + b"".join(chunks) + end,
    _LINES,
    st.lists(_FIELDS, max_size=3),
    st.lists(_CHUNKS | st.binary(max_size=20), max_size=3),
    blobs,
)
_RESPONSES = st.builds(
    lambda status, body, fields, frame, skip: Fault(status=status, body=body, headers=fields | frame, skip=skip),
    st.none() | statuses | st.integers(101, 999),
    st.none() | _BODIES,
    headers,
    st.just({}) | st.just({}) | _FRAMES,
    st.integers(0, 1),
)
_ZIPPED = st.builds(
    lambda sent, skip: Fault(body=sent.body, headers=dict(sent.headers), skip=skip), zipped(_BODIES), st.integers(0, 1)
)
_FAULTS = st.one_of(
    _RESPONSES,
    _RESPONSES,
    _RESPONSES,
    _ZIPPED,
    st.builds(lambda raw, skip: Fault(raw=raw, skip=skip), _RAW, st.integers(0, 1)),
)
_KEYS = {"account-key-unavailable", "account-key-rejected"}
_CODES = {
    "identity": {"identity-not-assigned", "identity-unavailable", "account-key-unavailable"},
    "key-vault": {"key-vault-unavailable", *_KEYS},
    "sts": {"account-key-rejected", "sts-rejected-request", "sts-throttled", "sts-unavailable", "sts-invalid-response"},
}


@pytest.mark.parametrize("name", _CODES)
def test_any_response(settings: Settings, services: SimulatedServices, name: str) -> None:
    """Any response of an upstream gives a usable token or a problem of that upstream."""
    seen: set[str] = set()

    @exchanges
    @given(_FAULTS)
    def run(fault: Fault) -> None:
        services.reset()
        services.by_name()[name].faults.set(fault)
        code, _ = run_exchange(settings, services)
        assert code in _CODES[name] | {"ok", "upstream-timeout"}
        seen.add(code)

    run()
    assert {"ok"} < seen
