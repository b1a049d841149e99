"""Whatever the header holds."""

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
_PRINCIPALS = st.fixed_dictionaries({}, optional={"claims": _CLAIMS | _JSON, "role_typ": _TEXTS | _JSON}) | _JSON
_ENCODED = _PRINCIPALS.map(lambda content: base64.b64encode(json.dumps(content).encode()).decode())
_HEADERS = st.text() | st.binary().map(lambda content: base64.b64encode(content).decode()) | _ENCODED
_POLICIES = st.builds(Policy, sign_in_enabled=st.booleans(), required_role=st.none() | _TEXTS)


@given(_HEADERS, _POLICIES)
def test_any_header(header: str, policy: Policy) -> None:
    """Whatever the header holds, a request is let in, sent to sign in or refused: never another error."""
    caller: Caller | None = None
    with contextlib.suppress(Unauthenticated, Forbidden):
        caller = authorize({"X-MS-CLIENT-PRINCIPAL": header}, policy)
    if caller is None:
        assert policy.required_role is not None
    else:
        assert caller.object_id is None or is_guid(caller.object_id)


@given(_HEADERS, _TEXTS)
def test_a_refused_caller_is_known_by_a_guid_or_not_at_all(header: str, role: str) -> None:
    """The log of a refused request holds an object id or nothing, whatever the header holds."""
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
    """No header whatever makes somebody of a caller while App Service Authentication is off."""
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
def test_a_long_header_costs_no_time(header: str) -> None:
    """A principal made to be slow to read (32 KiB is what the platform lets in) keeps nobody else waiting."""
    began = time.perf_counter()
    assert authorize({"X-MS-CLIENT-PRINCIPAL": header}, Policy(sign_in_enabled=True, required_role=None)) == Caller(
        None
    )
    assert time.perf_counter() - began < 0.5
