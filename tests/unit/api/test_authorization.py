"""shared.api.authorization. tests/fuzz has arbitrary headers."""

import base64
import json
import time
from typing import Any

import pytest

from shared.api.authorization import Caller, Policy, authorize
from shared.errors import Forbidden, Unauthenticated
from tests.unit.support import USER_ID

OPEN, SIGNED_IN = Policy(sign_in_enabled=False, required_role=None), Policy(sign_in_enabled=True, required_role=None)
READERS = Policy(sign_in_enabled=True, required_role="reader")
_ROLE_URI = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"
_ID_URI = "http://schemas.microsoft.com/identity/claims/objectidentifier"


def principal(*claims: tuple[Any, Any], **more: Any) -> dict[str, str]:
    """Return the platform's header with these claims."""
    content = {"auth_typ": "aad", "claims": [{"typ": typ, "val": val} for typ, val in claims]} | more
    return _header(json.dumps(content).encode())


def _header(content: bytes) -> dict[str, str]:
    return {"X-MS-CLIENT-PRINCIPAL": base64.b64encode(content).decode()}


@pytest.mark.parametrize(
    ("claim_type", "more"),
    [
        pytest.param("roles", {}, id="roles"),
        pytest.param(_ROLE_URI, {}, id="the long name"),
        pytest.param("roles", {"role_typ": 7}, id="a role_typ that is no text"),
        pytest.param("roles", {"role_typ": ["roles"]}, id="a role_typ that is a list"),
        pytest.param("app-role", {"role_typ": "app-role"}, id="role_typ"),
    ],
)
def test_the_role_lets_in(claim_type: str, more: dict[str, Any]) -> None:
    """A signed-in user with the role is admitted, for each claim type that can contain roles."""
    headers = principal(("name", "x"), (claim_type, "other"), (claim_type, "reader"), ("oid", USER_ID), **more)
    assert authorize(headers, READERS) == Caller(USER_ID)


@pytest.mark.parametrize("provider", ["github", "google", "AAD", "", None, 7, ["aad"]], ids=repr)
def test_a_role_counts_only_from_entra(provider: Any) -> None:
    """Users of another provider may choose their own claims, so a role among those does not admit anyone."""
    headers = principal(("oid", USER_ID), ("roles", "reader"), auth_typ=provider)
    with pytest.raises(Unauthenticated):
        authorize(headers, READERS)
    assert authorize(headers, SIGNED_IN) == Caller(USER_ID)


def test_a_principal_without_provider() -> None:
    """A principal that does not say where it comes from admits nobody to a role."""
    with pytest.raises(Unauthenticated):
        authorize(_header(b'{"claims": [{"typ": "roles", "val": "reader"}]}'), READERS)


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param([], id="no claims"),
        pytest.param([("roles", "Reader")], id="another case"),
        pytest.param([("roles", "reader,writer")], id="in a list"),
        pytest.param([("groups", "reader")], id="another claim type"),
        pytest.param([("role_typ", "reader")], id="the type's own name"),
    ],
)
def test_no_role_keeps_out(claims: list[tuple[str, str]]) -> None:
    """A signed-in user without the role is refused, and the log has the user's object id."""
    with pytest.raises(Forbidden) as refused:
        authorize(principal(("oid", USER_ID), *claims), READERS)
    assert refused.value.caller_id == USER_ID


def test_no_principal() -> None:
    """If a role is required, a caller without a principal has to sign in."""
    with pytest.raises(Unauthenticated):
        authorize({}, READERS)


UNREADABLE = [
    pytest.param({"X-MS-CLIENT-PRINCIPAL": ""}, id="empty"),
    pytest.param({"X-MS-CLIENT-PRINCIPAL": "%%%"}, id="not base64"),
    pytest.param({"X-MS-CLIENT-PRINCIPAL": "é"}, id="not ASCII"),
    pytest.param({"X-MS-CLIENT-PRINCIPAL": "A"}, id="base64 cut short"),
    pytest.param(
        {"X-MS-CLIENT-PRINCIPAL": "-" + principal(("roles", "reader"))["X-MS-CLIENT-PRINCIPAL"]}, id="base64 with more"
    ),
    pytest.param(_header(b"\xff\xfe\xfd"), id="not UTF-8"),
    pytest.param(_header(b"not json"), id="not JSON"),
    pytest.param(_header(b"[" * 20_000), id="JSON deeper than Python reads"),
    pytest.param(_header(b"9" * 5_000), id="a number longer than Python reads"),
    pytest.param(_header(b"[]"), id="no object"),
    pytest.param(_header(b"null"), id="null"),
    pytest.param(_header(b"{}"), id="no claims"),
    pytest.param(_header(b'{"claims": null}'), id="claims null"),
    pytest.param(_header(b'{"claims": {"typ": "roles", "val": "reader"}}'), id="claims no list"),
    pytest.param(_header(b'{"claims": ["roles"]}'), id="a claim no object"),
    pytest.param(_header(b'{"claims": [{"typ": "roles"}]}'), id="a claim without value"),
    pytest.param(principal(("roles", ["reader"])), id="a value that is a list"),
    pytest.param(principal((None, "reader")), id="a type that is null"),
]


@pytest.mark.parametrize("headers", UNREADABLE)
def test_a_principal_that_cannot_be_read(headers: dict[str, str]) -> None:
    """A principal that can't be read counts as none: refused if a role is required, otherwise anonymous."""
    with pytest.raises(Unauthenticated):
        authorize(headers, READERS)
    assert authorize(headers, SIGNED_IN) == Caller(None)


@pytest.mark.parametrize("length", range(4))
def test_padding(length: int) -> None:
    """The principal is read with and without base64 padding."""
    headers = principal(("oid", USER_ID), ("roles", "reader"), filler="x" * length)
    bare = {name: value.rstrip("=") for name, value in headers.items()}
    assert authorize(headers, READERS) == authorize(bare, READERS) == Caller(USER_ID)


def test_a_forged_principal_is_ignored() -> None:
    """While App Service Authentication is off anyone can send the header, so nothing uses it, not even the log."""
    assert authorize(principal(("oid", USER_ID), ("roles", "reader")), OPEN) == Caller(None)
    with pytest.raises(Unauthenticated):
        authorize(principal(("roles", "reader")), Policy(sign_in_enabled=False, required_role="reader"))


def test_without_a_role_the_caller_is_only_logged() -> None:
    """If no role is required, the log has a signed-in user's object id, and everyone else is admitted, too."""
    assert authorize(principal(("oid", USER_ID)), SIGNED_IN) == Caller(USER_ID)
    assert authorize({}, SIGNED_IN) == Caller(None)


@pytest.mark.parametrize("claim_type", ["oid", _ID_URI])
def test_the_object_id_is_a_guid(claim_type: str) -> None:
    """The log has the user's object id, and never another text in its place."""
    claims = [(claim_type, "x outcome=ok\n"), ("sub", USER_ID), (claim_type, USER_ID)]
    assert authorize(principal(*claims), SIGNED_IN) == Caller(USER_ID)
    assert authorize(principal((claim_type, "admin")), SIGNED_IN) == Caller(None)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("=" * 32_000, id="padding"),
        pytest.param(" " * 32_000, id="spaces"),
        pytest.param("A" * 32_000, id="zeros"),
        pytest.param(base64.b64encode(b"[" * 24_000).decode(), id="brackets"),
        pytest.param(base64.b64encode(b'{"claims":' * 2_400).decode(), id="objects"),
        pytest.param(base64.b64encode(b"9" * 24_000).decode(), id="digits"),
        pytest.param(principal(*[("", "")] * 900)["X-MS-CLIENT-PRINCIPAL"], id="claims"),
        pytest.param(principal(("oid", "-" * 20_000))["X-MS-CLIENT-PRINCIPAL"], id="an id"),
    ],
)
def test_a_long_header_is_read_quickly(header: str) -> None:
    """A principal that was made to be slow to read (the platform admits 32 KiB) does not delay other requests."""
    began = time.perf_counter()
    assert authorize({"X-MS-CLIENT-PRINCIPAL": header}, SIGNED_IN) == Caller(None)
    assert time.perf_counter() - began < 0.5
