"""How long a token lives, by the clock of the STS."""

import json
from email.utils import formatdate
from typing import Any

import pytest

from shared.errors import StsInvalidResponse
from tests.unit.support import DAY_S, ISSUED_ON, MS_CV
from tests.unit.upstreams.sts import issued, jwt

_EXP = ISSUED_ON + DAY_S
_LAST = 253_402_300_799
_NO_DATES: list[object] = [
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


def _life(date: str | None = None, /, **claims: Any) -> tuple[int | None, int | None]:
    token = issued(jwt(json.dumps(claims)), date)
    return token.expires_on, token.lifetime_s


def _http(seconds: float) -> str:
    return formatdate(seconds, usegmt=True)


@pytest.mark.parametrize("skew_s", [-DAY_S * 400, -3600, -1, 0, 1, 3600, DAY_S - 1])
def test_life_counts_from_the_date_of_the_sts(skew_s: int) -> None:
    """``exp`` minus Date: neither this host's clock nor the token's own ``iat`` matters."""
    assert _life(_http(ISSUED_ON + skew_s), exp=_EXP, iat=ISSUED_ON) == (_EXP, DAY_S - skew_s)


@pytest.mark.parametrize("date", [None, "", "yesterday", "0", "Mon, 99 Nov 2026 11:06:40 GMT", "\xff"])
def test_without_a_readable_date_life_counts_from_iat(date: str | None) -> None:
    """``exp`` minus ``iat``, both of the token."""
    assert _life(date, exp=_EXP, iat=_EXP - 7200) == (_EXP, 7200)


@pytest.mark.parametrize("iat", [None, "", "soon", True, 0, -1, 1.5, [], {}, _LAST + 1])
def test_without_either_only_the_end_is_known(iat: object) -> None:
    """Nobody can tell how far away ``exp`` is, but it is what it is."""
    assert _life(None, exp=_EXP, iat=iat) == (_EXP, None)


@pytest.mark.parametrize(
    "date",
    [
        pytest.param(str(_EXP), id="digits"),
        pytest.param(f"000{_EXP}", id="digits with leading zeros"),
        pytest.param("0" * 30_000 + str(_EXP), id="very many of them"),
        pytest.param(float(_EXP), id="a whole float"),
    ],
)
def test_dates_that_can_be_read(date: object) -> None:
    """A whole number, or a string of digits, as has been seen."""
    assert _life(_http(ISSUED_ON), exp=date) == (_EXP, DAY_S)
    assert _life(None, exp=_EXP + 5, iat=date) == (_EXP + 5, 5)


@pytest.mark.parametrize("last", [_LAST, str(_LAST), float(_LAST)])
def test_the_last_date_is_that_of_the_year_9999(last: object) -> None:
    """Beyond it there is no date to tell."""
    assert _life(_http(ISSUED_ON), exp=last) == (_LAST, _LAST - ISSUED_ON)


def test_the_first_date_is_that_of_1970() -> None:
    """The token's own word is told, however odd it is."""
    assert _life(exp=1) == (1, None)


@pytest.mark.parametrize("exp", _NO_DATES)
def test_dates_that_cannot_be_read(exp: object) -> None:
    """Then nothing is known of the token's end."""
    assert _life(_http(ISSUED_ON), exp=exp, iat=ISSUED_ON) == (None, None)


@pytest.mark.parametrize("exp", ["NaN", "Infinity", "-Infinity", "1e999", "1E400", "1" * 5000])
def test_numbers_that_are_none(exp: str) -> None:
    """What Python's JSON reads beyond the standard, and what it can't, is no date."""
    token = issued(jwt(f'{{"exp": {exp}}}'), _http(ISSUED_ON))
    assert (token.expires_on, token.lifetime_s) == (None, None)


@pytest.mark.parametrize("left_s", [0, -1, -DAY_S])
def test_a_token_that_has_ended_is_none(left_s: int) -> None:
    """Expired by the clock of the STS, or by its own dates, it is not handed out; the failure has its MS-CV."""
    for date, iat in ((_http(_EXP - left_s), 1), (None, _EXP - left_s)):
        with pytest.raises(StsInvalidResponse) as raised:
            _life(date, exp=_EXP, iat=iat)
        error = raised.value
        assert (error.upstream, error.upstream_status, error.kind, error.ms_cv) == ("sts", 200, "expired", MS_CV)


def test_a_token_with_a_second_left_is_one() -> None:
    """It is the caller's matter what to do with it."""
    assert _life(_http(_EXP - 1), exp=_EXP) == (_EXP, 1)
