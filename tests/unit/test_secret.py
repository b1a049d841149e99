"""shared.secret."""

import copy
import logging
import pickle
import pprint
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from shared.secret import Secret

_KEY = "mF7Y0uNevErSeeMe"


@dataclass
class _Holder:
    secret: Secret


@pytest.mark.parametrize(
    "show",
    [
        pytest.param(repr, id="repr"),
        pytest.param(str, id="str"),
        pytest.param(format, id="format"),
        pytest.param(ascii, id="ascii"),
        pytest.param(lambda secret: f"{secret}", id="f-string"),
        pytest.param(lambda secret: f"{secret!r}", id="f-string with repr"),
        pytest.param(lambda secret: "%s" % secret, id="percent"),  # noqa: UP031  # one of the forms to be tested
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
    """An account key is in no text that is made from it."""
    assert _KEY not in show(Secret(_KEY))


def test_its_repr_says_that_it_is_a_secret() -> None:
    """A debugger shows that there is a secret, and not its value."""
    assert repr(Secret(_KEY)) == "Secret(…)"


@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy], ids=lambda take: str(take.__name__))
def test_a_secret_is_not_pickled(take: Callable[[object], object]) -> None:
    """An account key can't get into a file or another process by accident, and the error does not contain it."""
    with pytest.raises(TypeError) as raised:
        take(Secret(_KEY))
    assert _KEY not in str(raised.value)


def test_a_secret_has_no_dictionary() -> None:
    """A tool that dumps an object's attributes finds none."""
    with pytest.raises(TypeError):
        vars(Secret(_KEY))


def test_a_secret_is_revealed_by_name() -> None:
    """The Authorization header gets the value."""
    assert Secret(_KEY).reveal() == _KEY
