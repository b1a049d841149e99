"""Responses of the STS and of the identity endpoint. None is cut off or late here, so the status decides."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.secret import Secret
from shared.tokens.issued_token import IssuedToken
from shared.upstreams.credentials import ManagedIdentity
from shared.upstreams.identity_tokens import IdentityTokens
from shared.upstreams.sts import Sts
from tests.fuzz.canned import upstream
from tests.fuzz.profiles import long_examples, parsers
from tests.fuzz.results import code_of, result_of
from tests.fuzz.rubbish import ECHO, Sent, dumped, json_values, jwts, responses, seconds, texts

pytestmark = long_examples
_MOST_BYTES = 6_000_000
_TOKENS = st.one_of(jwts, texts, json_values)
_STS = responses(st.builds(lambda token: dumped({"AccessToken": token}), _TOKENS))
_IDENTITY = responses(
    st.fixed_dictionaries({"access_token": jwts | texts, "expires_on": st.integers(1, 2**40).map(str)}).map(dumped)
    | st.fixed_dictionaries(
        {"access_token": _TOKENS},
        optional={"expires_on": seconds, "expires_in": seconds, "resource": json_values, "token_type": json_values},
    ).map(dumped)
)


def _sts_codes(status: int) -> set[str]:
    if status in {401, 403}:
        return {"account-key-rejected"}
    if status == 429:
        return {"sts-throttled"}
    if status in {404, 410}:
        return {"sts-rejected-request", "sts-invalid-response"}  # with MS-CV, without
    if status in {408, 425} or status >= 500:
        return {"sts-unavailable"}
    if status >= 400:
        return {"sts-rejected-request"}
    return {"sts-invalid-response"} | ({"ok"} if status == 200 else set())


def _identity_codes(status: int) -> set[str]:
    if 400 <= status < 500 and status not in {408, 425, 429}:
        return {"identity-not-assigned"}
    return {"identity-unavailable"} | ({"ok"} if status == 200 else set())


@pytest.fixture(autouse=True)
def _endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:9/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", ECHO)


def test_any_sts_response() -> None:
    """Any response of the STS gives a usable token or the problem of its status."""
    seen: set[str] = set()

    @parsers
    @given(_STS)
    def run(sent: Sent) -> None:
        with upstream(sent) as connections:
            sts = Sts("https://sts.invalid", "id", connections, keyless=False)
            result = result_of(lambda: sts.issue(Secret(ECHO)), most_bytes=_MOST_BYTES)
        code = code_of(result)
        assert code in _sts_codes(sent.status)
        assert (code == "ok") == isinstance(result, IssuedToken)
        seen.add(code)

    run()
    assert {"ok"} < seen


def test_any_identity_response() -> None:
    """Any response of the identity endpoint gives a legal header value or the problem of its status."""
    seen: set[str] = set()

    @parsers
    @given(_IDENTITY)
    def run(sent: Sent) -> None:
        with upstream(sent) as connections:
            identity = ManagedIdentity(None, connections, IdentityTokens())
            result = result_of(lambda: identity.get_token_info("https://a/.default"), most_bytes=_MOST_BYTES)
        code = code_of(result)
        assert code in _identity_codes(sent.status)
        assert not isinstance(result, Secret) or re.fullmatch("[!-~]+", result.reveal())
        seen.add(code)

    run()
    assert {"ok"} < seen
