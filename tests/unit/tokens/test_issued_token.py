"""shared.tokens.issued_token."""

import pprint
from collections.abc import Callable

import pytest

from shared.clock import Moment
from shared.tokens.issued_token import IssuedToken


@pytest.mark.parametrize("show", [repr, str, format, pprint.pformat, ascii], ids=lambda show: str(show.__name__))
def test_an_issued_token_never_prints(show: Callable[[object], str]) -> None:
    """An access token is in no text that is made from what is known about it."""
    token = IssuedToken(value="mF7Y0u", ms_cv="cv", issued_at=Moment(0, 0), expires_on=None, lifetime_s=None)
    assert "mF7Y0u" not in show(token)
    assert "cv" in show(token)
