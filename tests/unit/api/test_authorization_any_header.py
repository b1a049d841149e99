"""Arbitrary headers."""

import base64
import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.api.authorization import Caller, Policy, authorize
from shared.errors import Forbidden, Unauthenticated
from shared.formats import is_guid

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
_TEXTS = st.sampled_from(["roles", "oid", "reader", "35d830cb-f062-4062-9792-d6316039df56"]) | st.text()
_CLAIMS = st.lists(st.fixed_dictionaries({}, optional={"typ": _TEXTS | _JSON, "val": _TEXTS | _JSON}) | _JSON)
_PRINCIPALS = (
    st.fixed_dictionaries(
        {}, optional={"auth_typ": st.just("aad") | _JSON, "claims": _CLAIMS | _JSON, "role_typ": _TEXTS | _JSON}
    )
    | _JSON
)
_ENCODED = _PRINCIPALS.map(lambda content: base64.b64encode(json.dumps(content).encode()).decode())
_HEADERS = st.text() | st.binary().map(lambda content: base64.b64encode(content).decode()) | _ENCODED
_POLICIES = st.builds(Policy, sign_in_enabled=st.booleans(), required_role=st.none() | _TEXTS)


@given(_HEADERS, _POLICIES)
def test_any_header(header: str, policy: Policy) -> None:
    """For any header a caller is admitted, told to sign in or refused, and there is never another error."""
    caller: Caller | None = None
    with contextlib.suppress(Unauthenticated, Forbidden):
        caller = authorize({"X-MS-CLIENT-PRINCIPAL": header}, policy)
    if caller is None:
        assert policy.required_role is not None
    else:
        assert caller.object_id is None or is_guid(caller.object_id)


@given(_HEADERS, _TEXTS)
def test_a_refused_caller_is_a_guid_or_nothing(header: str, role: str) -> None:
    """For any header the log line of a refused caller has an object id or nothing."""
    with contextlib.suppress(Unauthenticated):
        try:
            authorize({"X-MS-CLIENT-PRINCIPAL": header}, Policy(sign_in_enabled=True, required_role=role))
        except Forbidden as refused:
            caller_id = refused.caller_id
        else:
            return
        assert caller_id is None or is_guid(caller_id)


@given(_HEADERS)
def test_without_sign_in_no_header_counts(header: str) -> None:
    """While App Service Authentication is off, no header gives a caller an identity."""
    policy = Policy(sign_in_enabled=False, required_role=None)
    assert authorize({"X-MS-CLIENT-PRINCIPAL": header}, policy) == Caller(None)


def _encoded(content: Any) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()


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
