"""Responses of Key Vault, its challenge included. None is cut off or late here, so the status decides."""

import re
from typing import Any

from azure.core.credentials import AccessTokenInfo
from azure.keyvault.secrets._shared import http_challenge_cache
from hypothesis import given
from hypothesis import strategies as st

from shared.secret import Secret
from shared.upstreams.key_vault import KeyVault
from tests.fuzz.canned import upstream
from tests.fuzz.profiles import long_examples, parsers
from tests.fuzz.results import code_of, result_of
from tests.fuzz.rubbish import ECHO, Sent, blobs, dumped, json_values, responses, seconds, texts

pytestmark = long_examples
_MOST_BYTES = 6_000_000
_VAULT = "https://vault.vault.azure.net"
_CHALLENGE = 'Bearer authorization="https://login.microsoftonline.com/tenant", resource="https://vault.azure.net"'
_ATTRIBUTES = st.fixed_dictionaries(
    {}, optional={"enabled": json_values, "created": seconds, "exp": seconds, "recoverableDays": seconds}
)
_IDS = st.sampled_from([f"{_VAULT}/secrets/name/version", "https://[", "//", ""]) | json_values
_SECRETS = responses(
    st.fixed_dictionaries(
        {"value": st.sampled_from([ECHO, f" {ECHO}\n"]) | texts | json_values},
        optional={"id": _IDS, "attributes": _ATTRIBUTES | json_values, "tags": json_values, "contentType": json_values},
    ).map(dumped)
)
_PARAMETERS = st.sampled_from(
    ["authorization", "authorization_uri", "resource", "scope", "claims", "error", "tenant", "=", ""]
)
_PARAMETER_VALUES = st.one_of(
    st.sampled_from([_VAULT, "https://vault.azure.net", "https://[", "https://login.microsoftonline.com/t", ECHO]),
    st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=30),
)
_CHALLENGES = st.one_of(
    st.just(_CHALLENGE),
    st.lists(st.tuples(_PARAMETERS, _PARAMETER_VALUES), max_size=4).map(
        lambda pairs: "Bearer " + ", ".join(f'{name}="{value}"' for name, value in pairs)
    ),
    _PARAMETER_VALUES,
)


class _SignedIn:
    """A credential that always has a token."""

    def get_token_info(self, *_: str, **__: Any) -> AccessTokenInfo:
        return AccessTokenInfo(ECHO[::-1], 2**40)


def _key_vault_codes(status: int) -> set[str]:
    if 300 <= status < 500 and status not in {408, 425, 429}:
        return {"account-key-unavailable"}
    return {"key-vault-unavailable"} | ({"ok", "account-key-unavailable"} if status == 200 else set())


def test_any_key_vault_response() -> None:
    """Any challenge and any response of Key Vault give a legal header value or one of Key Vault's problems."""
    seen: set[str] = set()

    @parsers
    @given(_CHALLENGES, _SECRETS, blobs)
    def run(challenge: str, sent: Sent, refusal: bytes) -> None:
        http_challenge_cache.clear()
        credential: Any = _SignedIn()
        with upstream(Sent(401, {"WWW-Authenticate": challenge}, refusal), sent) as connections:
            vault = KeyVault(_VAULT, credential, connections)
            result = result_of(lambda: vault.account_key("name"), most_bytes=_MOST_BYTES)
        code = code_of(result)
        unfit = set() if challenge == _CHALLENGE else {"account-key-unavailable"}
        assert code in _key_vault_codes(sent.status) | unfit
        assert not isinstance(result, Secret) or re.fullmatch("[!-~]+", result.reveal())
        seen.add(code)

    run()
    assert {"ok"} < seen
