"""What is read of a token, which need not be a JWT."""

import base64

import pytest

from tests.unit.upstreams.sts import issued, part


@pytest.mark.parametrize(
    ("payload", "read"),
    [
        *((part(b'{"exp": 17, "iat": 7}' + b" " * spaces), True) for spaces in range(4)),
        (base64.urlsafe_b64encode(b'{"exp": 17, "iat": 7} ').decode(), True),
        (part(b'{"exp": 17, "iat": 7}') + "A", False),
        (part(b'{"exp": 17, "iat": 7}') + "*", False),
        (part(b"[17]"), False),
        (part(b"17"), False),
        (part(b""), False),
        (part(b"[" * 40_000), False),
        (part(b'{"exp":' * 5_000), False),
        (part(b'\xff{"exp": 17, "iat": 7}'), False),
        (base64.b64encode(b'{"exp": 17, "iat": 7, "x": "\xc3\xbf\xc3\xbe?>"}').decode().rstrip("="), False),
    ],
    ids=lambda value: str(value)[:20],
)
def test_payloads(payload: str, read: bool) -> None:
    """Base64url, padded or not, an object of JSON within: anything else says nothing of the token's life."""
    found = issued(f"e30.{payload}.c2ln", None)
    assert (found.expires_on, found.lifetime_s) == ((17, 10) if read else (None, None))


@pytest.mark.parametrize("token", ["e30.{}", "e30.{}.c2ln.x", "{}", "e30..{}", "e3+.{}.c2ln", "e30.{}.c2/n"])
def test_what_is_not_three_parts_of_base64url_is_no_jwt(token: str) -> None:
    """Its dates are not looked for."""
    found = issued(token.format(part(b'{"exp": 17, "iat": 7}')), None)
    assert (found.expires_on, found.lifetime_s) == (None, None)
