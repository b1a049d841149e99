"""shared.formats: MS-CV and visible ASCII."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.formats import header_safe_or_none, is_visible_ascii, ms_cv_from, new_ms_cv_base, parse_ms_cv

_BASE64 = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_BASES = st.one_of(st.text(_BASE64, min_size=22, max_size=22), st.text(_BASE64, min_size=16, max_size=16))
_EXTENSIONS = st.lists(st.integers(0, 2**31 - 1).map(lambda number: f".{number}"), max_size=9).map("".join)


def test_new_base() -> None:
    """Each STS call gets its own base: 22 characters of base64, which encode 16 bytes."""
    bases = {new_ms_cv_base() for _ in range(100)}
    assert len(bases) == 100
    assert all(parse_ms_cv(base) and len(base64.b64decode(base + "==")) == 16 for base in bases)


@given(_BASES, _EXTENSIONS)
def test_vectors_are_read(base: str, extensions: str) -> None:
    """A well-formed vector of version 1 or 2, with or without extensions, is logged unchanged."""
    vector = base + extensions
    assert parse_ms_cv(vector) == (vector if len(vector) <= 128 else None)


@pytest.mark.parametrize(
    ("vector", "fits"),
    [
        pytest.param("gKXl1CkeG0mRb6HEtMUmHQ.0", True, id="recorded"),
        pytest.param("gKXl1CkeG0mRb6HEtMUmHQ", True, id="bare base"),
        pytest.param("/KXl1CkeG0mRb6H+tMUmHQ.1.22.333", True, id="slash and plus"),
        pytest.param("tul4NUsfs9Cl7mOf.1", True, id="version 1"),
        pytest.param("tul4NUsfs9Cl7mO.1", False, id="base of 15"),
        pytest.param("tul4NUsfs9Cl7mOfX.1", False, id="base of 17"),
        pytest.param("gKXl1CkeG0mRb6HEtMUmHQx.0", False, id="base of 23"),
        pytest.param("gKXl1CkeG0mRb6HEtMUmHQ.", False, id="empty extension"),
        pytest.param("gKXl1CkeG0mRb6HEtMUmHQ.x", False, id="extension of letters"),
        pytest.param("gKXl1CkeG0mRb6HEtMUmHQ.٣", False, id="another script's digit"),
        pytest.param("gKXl1CkeG0mRb6HEtMUmHQ.0\n", False, id="line feed"),
        pytest.param("gKXl1CkeG0mRb6HEtMUmHQ" + ".1" * 53, True, id="128 characters"),
        pytest.param("gKXl1CkeG0mRb6HEtMUmHQ" + ".1" * 52 + ".12", False, id="129 characters"),
        pytest.param("", False, id="empty"),
        pytest.param(None, False, id="none"),
    ],
)
def test_vector_boundaries(vector: str | None, fits: bool) -> None:
    """A caller's vector is logged if it is well-formed, and ignored otherwise."""
    assert parse_ms_cv(vector) == (vector if fits else None)


@pytest.mark.parametrize(
    ("value", "passes"),
    [
        pytest.param("!", True, id="first visible"),
        pytest.param("~", True, id="last visible"),
        pytest.param("x" * 128, True, id="128 characters"),
        pytest.param("x" * 129, False, id="129 characters"),
        pytest.param("", False, id="empty"),
        pytest.param(None, False, id="none"),
        pytest.param("a b", False, id="space"),
        pytest.param("a\x7f", False, id="delete"),
        pytest.param("a\n", False, id="line feed"),
        pytest.param("ä", False, id="not ASCII"),
    ],
)
def test_header_safe(value: str | None, passes: bool) -> None:
    """The STS's MS-CV is passed on if it is 1 to 128 characters of visible ASCII."""
    assert header_safe_or_none(value) == (value if passes else None)


@pytest.mark.parametrize(
    ("sent", "read"), [(" cv\t", "cv"), ("XcvX", "XcvX"), ("\x0bcv", None), ("cv\xa0", None), (" ", None)]
)
def test_ms_cv_of_a_response(sent: str, read: str | None) -> None:
    """The space and tab that HTTP allows around a value are removed, and nothing else."""
    assert ms_cv_from({"MS-CV": sent}) == read
    assert ms_cv_from({}) is None


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        pytest.param("!", True, id="0x21"),
        pytest.param("~", True, id="0x7E"),
        pytest.param("".join(map(chr, range(0x21, 0x7F))), True, id="all of them"),
        pytest.param("", False, id="empty"),
        pytest.param(" ", False, id="0x20"),
        pytest.param("\x7f", False, id="0x7F"),
        pytest.param("a\n", False, id="line feed at the end"),
        pytest.param("a\r\nX: y", False, id="header injection"),
        pytest.param("é", False, id="not ASCII"),
    ],
)
def test_visible_ascii(text: str, visible: bool) -> None:
    """A key or token that is not a legal header value is detected before it can get into an exception's text."""
    assert is_visible_ascii(text) is visible
