"""shared.api.authorization with principals made to deceive; tests/fuzz tries any header."""

import base64
import json
import time
from typing import Any

import pytest

from shared.api.authorization import Caller, Policy, authorize


def _encoded(content: Any) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()


def test_without_sign_in_no_header_counts() -> None:
    """A well-formed principal is ignored while App Service Authentication is off: anyone could have sent it."""
    header = _encoded({"claims": [{"typ": "oid", "val": "35d830cb-f062-4062-9792-d6316039df56"}]})
    assert authorize({"X-MS-CLIENT-PRINCIPAL": header}, Policy(sign_in_enabled=False, required_role=None)) == Caller(
        None
    )
    assert authorize({"X-MS-CLIENT-PRINCIPAL": header}, Policy(sign_in_enabled=True, required_role=None)) != Caller(
        None
    )


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("=" * 32_000, id="padding"),
        pytest.param(" " * 32_000, id="spaces"),
        pytest.param("A" * 32_000, id="zeros"),
        pytest.param(base64.b64encode(b"[" * 24_000).decode(), id="brackets"),
        pytest.param(base64.b64encode(b'{"claims":' * 2_400).decode(), id="objects"),
        pytest.param(base64.b64encode(b"9" * 24_000).decode(), id="digits"),
        pytest.param(_encoded({"claims": [{"typ": "", "val": ""}] * 900}), id="claims"),
        pytest.param(_encoded({"claims": [{"typ": "oid", "val": "-" * 20_000}]}), id="an id"),
    ],
)
def test_a_long_header_is_read_quickly(header: str) -> None:
    """A principal that was made to be slow to read (the platform admits 32 KiB) does not delay other requests."""
    began = time.perf_counter()
    assert authorize({"X-MS-CLIENT-PRINCIPAL": header}, Policy(sign_in_enabled=True, required_role=None)) == Caller(
        None
    )
    assert time.perf_counter() - began < 0.5
