"""A token's claims about its own lifetime. The token need not be a JWT."""

import base64
import json
from email.utils import formatdate
from typing import Any

import pytest

from shared.upstreams.jwt_claims import unverified_lifetime
from tests.unit.support import DAY_S, ISSUED_ON
from tests.unit.upstreams.sts import jwt, part

_EXP = ISSUED_ON + DAY_S
_LAST = 253_402_300_799
_UNREADABLE: list[object] = [
    *(
        None,
        True,
        False,
        "",
        "0",
        "000",
        "soon",
        "1e9",
        "1.0",
        "-5",
        "+5",
        " 17",
        "17 ",
        "1_0",
        "\u0663",
        "\xb2",
        "0x1",
    ),
    *("9" * 13, str(_LAST + 1), 0, 0.0, -1, 1.5, _LAST + 1, 10**30, [], [_EXP], {}),
]


def _lifetime(date_s: float | None, **claims: Any) -> tuple[int | None, int | None]:
    date = None if date_s is None else formatdate(date_s, usegmt=True)
    return unverified_lifetime(jwt(json.dumps(claims)), date)


@pytest.mark.parametrize(
    ("date_s", "lifetime_s"),
    [
        pytest.param(ISSUED_ON, DAY_S, id="right"),
        pytest.param(ISSUED_ON - 3 * 3600, DAY_S, id="three hours behind"),
        pytest.param(0, DAY_S, id="1970"),
        pytest.param(ISSUED_ON - DAY_S * 400, DAY_S, id="400 days behind"),
        pytest.param(ISSUED_ON + 1, DAY_S - 1, id="one second ahead"),
        pytest.param(ISSUED_ON + 3600, DAY_S - 3600, id="an hour ahead"),
        pytest.param(_EXP + 5, -5, id="past the end"),
        pytest.param(None, DAY_S, id="missing"),
    ],
)
def test_a_wrong_date_does_not_lengthen_a_lifetime(date_s: float | None, lifetime_s: int) -> None:
    """Callers are told the smaller of ``exp - Date`` and ``exp - iat``, so no dead token is handed out."""
    assert _lifetime(date_s, exp=_EXP, iat=ISSUED_ON) == (_EXP, lifetime_s)


def test_an_iat_in_the_past_does_not_lengthen_a_lifetime_either() -> None:
    """A token that is issued again later has the rest of its life."""
    assert _lifetime(ISSUED_ON, exp=_EXP, iat=ISSUED_ON - 7200) == (_EXP, DAY_S)


@pytest.mark.parametrize("date", [None, "", "yesterday", "0", "Mon, 99 Nov 2026 11:06:40 GMT", "\xff"])
def test_without_a_readable_date_the_lifetime_counts_from_iat(date: str | None) -> None:
    """Without a readable Date, callers get ``exp`` minus ``iat``, both of the token."""
    assert unverified_lifetime(jwt(json.dumps({"exp": _EXP, "iat": _EXP - 7200})), date) == (_EXP, 7200)


@pytest.mark.parametrize("iat", _UNREADABLE)
def test_without_a_readable_iat_the_lifetime_counts_from_date(iat: object) -> None:
    """Without a readable ``iat``, callers get ``exp`` minus Date; without both, the lifetime is unknown."""
    assert _lifetime(ISSUED_ON, exp=_EXP, iat=iat) == (_EXP, DAY_S)
    assert _lifetime(None, exp=_EXP, iat=iat) == (_EXP, None)
    assert _lifetime(None, exp=_EXP) == (_EXP, None)


@pytest.mark.parametrize("exp", _UNREADABLE)
def test_without_a_readable_exp_nothing_is_known(exp: object) -> None:
    """Without a readable ``exp``, callers get neither an end nor a lifetime."""
    assert _lifetime(ISSUED_ON, exp=exp, iat=ISSUED_ON) == (None, None)


@pytest.mark.parametrize("exp", ["NaN", "Infinity", "-Infinity", "1e999", "1E400", "1" * 5000])
def test_numbers_that_are_not_whole_are_unreadable(exp: str) -> None:
    """A number that is not whole is no date, also if Python's JSON parser accepts more than the standard."""
    assert unverified_lifetime(jwt(f'{{"exp": {exp}}}'), formatdate(ISSUED_ON, usegmt=True)) == (None, None)


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(str(_EXP), id="digits"),
        pytest.param(f"000{_EXP}", id="digits with leading zeros"),
        pytest.param("0" * 30_000 + str(_EXP), id="30,000 leading zeros"),
        pytest.param(float(_EXP), id="a whole float"),
    ],
)
def test_dates_in_other_forms_are_read(second: object) -> None:
    """A string of digits, as in the SDKs' recordings, is a date like a number."""
    assert _lifetime(ISSUED_ON, exp=second) == (_EXP, DAY_S)
    assert _lifetime(None, exp=_EXP + 5, iat=second) == (_EXP + 5, 5)


@pytest.mark.parametrize("last", [_LAST, str(_LAST), float(_LAST)])
def test_the_first_and_the_last_date(last: object) -> None:
    """A date from 1970 to the year 9999 is read, and a later one is unknown."""
    assert _lifetime(ISSUED_ON, exp=last) == (_LAST, _LAST - ISSUED_ON)
    assert _lifetime(None, exp=1) == (1, None)


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
def test_a_payload_is_a_json_object_in_base64url(payload: str, read: bool) -> None:
    """A lifetime is read from a padded or unpadded payload, and from no other text."""
    assert unverified_lifetime(f"e30.{payload}.c2ln", None) == ((17, 10) if read else (None, None))


@pytest.mark.parametrize("token", ["e30.{}", "e30.{}.c2ln.x", "{}", "e30..{}", "e3+.{}.c2ln", "e30.{}.c2/n"])
def test_a_jwt_has_three_parts_of_base64url(token: str) -> None:
    """The lifetime of any other text is unknown."""
    assert unverified_lifetime(token.format(part(b'{"exp": 17, "iat": 7}')), None) == (None, None)
