"""Input from callers: query, Cache-Control, MS-CV and the principal."""

import base64
import json
import re
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from shared.api.authorization import Caller, Policy, authorize
from shared.api.parameters import Parameters, client_cv, read_parameters
from shared.errors import ArrTokenError, Forbidden, InvalidRequest, Unauthenticated
from shared.formats import header_safe_or_none, is_guid, parse_ms_cv
from tests.fuzz.profiles import long_examples, parsers
from tests.fuzz.results import result_of
from tests.fuzz.rubbish import blobs, counts, dumped, json_values, long_texts, texts, vectors

pytestmark = long_examples
_MOST_BYTES = 8_000_000  # the platform admits 32 KB; split at its commas, a header has taken 4 MB
_WORDS = st.one_of(counts, texts, long_texts)
_DIRECTIVES = st.lists(
    st.sampled_from(["no-cache", "NO-CACHE ", "max-age=0", 'private="a, no-cache"', '"', "\\"]) | texts, max_size=6
)
_TYPES = st.sampled_from(["roles", "oid", "http://schemas.microsoft.com/identity/claims/objectidentifier"]) | texts
_VALUES = st.sampled_from(["ArrUser", "35d830cb-f062-4062-9792-d6316039df56", "urn:uuid:" * 900]) | texts
_CLAIMS = st.lists(st.fixed_dictionaries({}, optional={"typ": _TYPES, "val": _VALUES}) | json_values, max_size=6)
_GOOD_CLAIMS = st.lists(st.fixed_dictionaries({"typ": _TYPES, "val": _VALUES}), max_size=6)
_PRINCIPALS = st.fixed_dictionaries(
    {"auth_typ": st.just("aad") | texts, "claims": _GOOD_CLAIMS | _CLAIMS | json_values},
    optional={"role_typ": _TYPES | json_values},
)
_HEADERS = st.one_of(
    st.one_of(_PRINCIPALS.map(dumped), blobs).map(lambda content: base64.b64encode(content).decode()), _WORDS
)
_POLICIES = st.builds(Policy, st.booleans(), st.sampled_from([None, "ArrUser"]))


@parsers
@given(_WORDS, st.one_of(_DIRECTIVES.map(",".join), long_texts))
@example("9" * 32_000, '"' + '\\"' * 16_000)
def test_any_parameters(life: str, cache_control: str) -> None:
    """Any query and Cache-Control give a lifetime within bounds or an invalid request."""
    parameters = result_of(
        lambda: read_parameters({"minValidity": life}, {"Cache-Control": cache_control}), most_bytes=_MOST_BYTES
    )
    if isinstance(parameters, Parameters):
        assert parameters.min_validity_s == int(life.lstrip("0") or "0") <= 82_800
    else:
        assert isinstance(parameters, InvalidRequest)


@parsers
@given(vectors)
def test_any_correlation_vector(value: str) -> None:
    """A caller's MS-CV is kept if it is well-formed, the STS's if it is a legal header value; neither is changed."""
    read = result_of(lambda: client_cv({"MS-CV": value}), most_bytes=_MOST_BYTES)
    assert read in {None, value}
    assert parse_ms_cv(value) == read
    assert read is None or re.fullmatch(r"[A-Za-z0-9+/]{16}([A-Za-z0-9+/]{6})?[.0-9]{0,112}", read)
    assert header_safe_or_none(value) == (value if re.fullmatch("[!-~]{1,128}", value) else None)


@parsers
@given(_HEADERS, _POLICIES)
@example(base64.b64encode(b"[" * 24_000).decode(), Policy(sign_in_enabled=True, required_role="ArrUser"))
@example(base64.b64encode(b"9" * 24_000).decode(), Policy(sign_in_enabled=True, required_role="ArrUser"))
def test_any_principal(header: str, policy: Policy) -> None:
    """Any principal header admits its sender, refuses the sender, or asks for a sign-in."""
    caller: Caller | ArrTokenError = result_of(
        lambda: authorize({"X-MS-CLIENT-PRINCIPAL": header}, policy), most_bytes=_MOST_BYTES
    )
    if isinstance(caller, Caller):
        assert caller.object_id is None or is_guid(caller.object_id)
        assert policy.sign_in_enabled or caller == Caller(None)
        assert policy.required_role is None or _claims_role(header, policy.required_role)
    else:
        assert isinstance(caller, Unauthenticated | Forbidden)
        assert policy.required_role is not None
        caller_id = caller.caller_id if isinstance(caller, Forbidden) else None
        assert caller_id is None or is_guid(caller_id)


def _claims_role(header: str, role: str) -> bool:
    padded = header + "=" * (-len(header) % 4)
    claims: list[dict[str, Any]] = json.loads(base64.b64decode(padded))["claims"]
    return any(claim["val"] == role for claim in claims)
