"""shared.tokens.issued_token."""

import copy
import logging
import math
import pickle
import pprint
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from shared.clock import Moment
from shared.formats import is_visible_ascii
from shared.secret import Secret
from shared.tokens.issued_token import IssuedToken

_KEY = "mF7Y0uNevErSeeMe"


@dataclass
class _Holder:
    secret: Secret


def _token(lifetime_s: int | None) -> IssuedToken:
    return IssuedToken(value=_KEY, ms_cv="cv", issued_at=Moment(0, 0), expires_on=4102444800, lifetime_s=lifetime_s)


@pytest.mark.parametrize(
    "show",
    [
        pytest.param(repr, id="repr"),
        pytest.param(str, id="str"),
        pytest.param(format, id="format"),
        pytest.param(ascii, id="ascii"),
        pytest.param(lambda secret: f"{secret}", id="f-string"),
        pytest.param(lambda secret: f"{secret!r}", id="f-string with repr"),
        pytest.param(lambda secret: "%s" % secret, id="percent"),  # noqa: UP031
        pytest.param(lambda secret: f"{_Holder(secret)}", id="a dataclass that holds it"),
        pytest.param(lambda secret: repr([{"key": (secret,)}]), id="a container that holds it"),
        pytest.param(pprint.pformat, id="pprint"),
        pytest.param(lambda secret: str(ValueError(secret)), id="an exception that holds it"),
        pytest.param(lambda secret: "".join(traceback.format_exception(ValueError(secret))), id="a traceback"),
        pytest.param(lambda secret: logging.makeLogRecord({"msg": "%s", "args": (secret,)}).getMessage(), id="log"),
        pytest.param(lambda secret: str(dir(secret)), id="dir"),
    ],
)
def test_a_secret_never_prints(show: Callable[[object], str]) -> None:
    """An account key stays out of every text that is made of it."""
    assert _KEY not in show(Secret(_KEY))


@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy], ids=lambda take: str(take.__name__))
def test_a_secret_is_not_pickled(take: Callable[[object], object]) -> None:
    """An account key can't be written to a file or another process by accident, and the refusal does not name it."""
    with pytest.raises(TypeError) as refused:
        take(Secret(_KEY))
    assert _KEY not in str(refused.value)


def test_a_secret_says_that_it_is_one() -> None:
    """Whoever debugs sees that a secret is there, not what it is."""
    assert repr(Secret(_KEY)) == "Secret(…)"


def test_a_secret_has_no_dictionary() -> None:
    """What dumps an object's attributes finds none in a secret."""
    with pytest.raises(TypeError):
        vars(Secret(_KEY))


def test_a_secret_is_revealed_by_name() -> None:
    """The header that carries an account key gets it."""
    assert Secret(_KEY).reveal() == _KEY


@pytest.mark.parametrize("show", [repr, str, format, pprint.pformat, ascii], ids=lambda show: str(show.__name__))
def test_an_issued_token_never_prints(show: Callable[[object], str]) -> None:
    """An access token stays out of every text that is made of what is known of it."""
    text = show(_token(60))
    assert _KEY not in text
    assert "cv" in text


@pytest.mark.parametrize(
    ("lifetime_s", "age_s", "left_s"),
    [
        pytest.param(100, 0.0, 100.0, id="new"),
        pytest.param(100, 99.5, 0.5, id="nearly over"),
        pytest.param(100, 101.0, -1.0, id="over"),
        pytest.param(None, 1e9, math.inf, id="a life that can't be read"),
    ],
)
def test_remaining(lifetime_s: int | None, age_s: float, left_s: float) -> None:
    """What is left of a token is its life less its age; a life that can't be read has no known end."""
    assert _token(lifetime_s).remaining_s(age_s) == left_s


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
    """A key or token that is no legal header value is known as such before it can get into an exception's text."""
    assert is_visible_ascii(text) is visible
