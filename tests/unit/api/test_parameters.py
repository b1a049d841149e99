"""shared.api.parameters."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.api.parameters import Parameters, client_cv, read_parameters
from shared.errors import InvalidRequest


def _min_validity_s(value: str) -> int | None:
    try:
        return read_parameters({"minValidity": value}, {}).min_validity_s
    except InvalidRequest:
        return None


def test_no_parameters() -> None:
    """A request without parameters accepts any cached token, and other parameters are ignored."""
    assert read_parameters({"code": "key", "x": "y"}, {}) == Parameters(0, renew=False)


@given(st.integers(-100, 200_000), st.integers(0, 8))
def test_whole_numbers(number: int, zeros: int) -> None:
    """MinValidity is accepted from 0 to 82800 seconds, with or without leading zeros, and refused beyond."""
    value = "0" * zeros + str(number)
    assert _min_validity_s(value) == (number if 0 <= number <= 82_800 else None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("0", 0, id="minimum"),
        pytest.param("82800", 82_800, id="maximum"),
        pytest.param("82801", None, id="one more"),
        pytest.param("-1", None, id="negative"),
        pytest.param("+60", None, id="sign"),
        pytest.param("60.0", None, id="fraction"),
        pytest.param("6e1", None, id="exponent"),
        pytest.param("1_000", None, id="underscore"),
        pytest.param(" 60", None, id="white space"),
        pytest.param("60\n", None, id="line feed"),
        pytest.param("٦٠", None, id="another script's digits"),
        pytest.param("", None, id="empty"),
        pytest.param("9" * 5000, None, id="more digits than Python reads"),
        pytest.param("0" * 5000 + "9", 9, id="more zeros than Python reads"),
    ],
)
def test_min_validity_boundaries(value: str, seconds: int | None) -> None:
    """MinValidity is a whole number of seconds from 0 to 82800, and nothing else."""
    assert _min_validity_s(value) == seconds


@pytest.mark.parametrize(
    ("cache_control", "renew"),
    [
        pytest.param("no-cache", True, id="alone"),
        pytest.param("No-Cache", True, id="any case"),
        pytest.param("max-age=0, no-cache", True, id="last of two"),
        pytest.param("no-cache,no-store", True, id="first of two"),
        pytest.param(' x="a, b" ,\tno-cache ', True, id="behind a quoted argument"),
        pytest.param('x="a\\", no-cache, b"', False, id="inside a quoted argument"),
        pytest.param("no-cache-at-all", False, id="the start of another"),
        pytest.param("x-no-cache", False, id="the end of another"),
        pytest.param("no-store", False, id="another"),
        pytest.param("", False, id="empty"),
        pytest.param(None, False, id="none"),
    ],
)
def test_no_cache(cache_control: str | None, renew: bool) -> None:
    """Cache-Control: no-cache, one directive among others, says that ARR rejected the caller's token."""
    headers = {} if cache_control is None else {"Cache-Control": cache_control}
    assert read_parameters({}, headers).renew is renew


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"' + '\\"' * 16_000, id="a quoted argument that never ends"),
        pytest.param('"' * 32_001, id="quotes"),
        pytest.param("no-cache " * 3_500, id="words"),
        pytest.param("," * 32_000, id="commas"),
    ],
)
def test_a_long_cache_control_is_read_quickly(text: str) -> None:
    """A header that was made to be slow to read (the platform admits 32 KiB) does not delay other requests."""
    began = time.perf_counter()
    read_parameters({}, {"Cache-Control": text})
    assert time.perf_counter() - began < 0.5


def test_client_cv() -> None:
    """A caller's correlation vector is read if it is well-formed."""
    assert client_cv({"MS-CV": "tul4NUsfs9Cl7mOf.1"}) == "tul4NUsfs9Cl7mOf.1"
    assert client_cv({"MS-CV": "forged outcome=ok"}) is None
    assert client_cv({}) is None
