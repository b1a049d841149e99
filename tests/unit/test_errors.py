"""shared.errors."""

import re
import traceback

import pytest

from shared import errors
from shared.errors import (
    AccountKeyRejected,
    ArrTokenError,
    CallerError,
    Misconfigured,
    OperatorError,
    StsThrottled,
    TransientError,
    UpstreamTimeout,
)

CODES = {  # contract section 4
    "invalid-request": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "misconfigured": 500,
    "identity-not-assigned": 500,
    "identity-unavailable": 503,
    "account-key-unavailable": 500,
    "key-vault-unavailable": 503,
    "account-key-rejected": 502,
    "identity-rejected": 502,
    "sts-rejected-request": 502,
    "sts-throttled": 503,
    "sts-unavailable": 503,
    "upstream-timeout": 504,
    "sts-invalid-response": 502,
    "internal-error": 500,
}


def leaves(kind: type[ArrTokenError]) -> list[type[ArrTokenError]]:
    """Return the classes below that are raised: those without children."""
    below = kind.__subclasses__()
    return [leaf for child in below for leaf in leaves(child)] if below else [kind]


def _drawn() -> dict[str, str]:
    """Return each class in the module's docstring, with the one that it hangs under."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for match in re.finditer(r"^    ((?:[│ ]   )*(?:[├└]── )?)(\w+)", errors.__doc__ or "", re.MULTILINE):
        depth, name = len(match[1]) // 4, match[2]
        if depth:
            parents[name] = above[depth - 1]
        above[depth:] = [name]
    return parents


def _real(kind: type[ArrTokenError]) -> dict[str, str]:
    parents = {child.__name__: kind.__name__ for child in kind.__subclasses__()}
    for child in kind.__subclasses__():
        parents |= _real(child)
    return parents


def test_the_drawn_tree() -> None:
    """The tree that a newcomer reads in the docstring is the one that is there."""
    assert _drawn() == _real(ArrTokenError)


def test_codes() -> None:
    """Every code of the contract is one error with the contract's status, and there is no other."""
    found = leaves(ArrTokenError)
    assert {leaf.code: leaf.status for leaf in found} == CODES
    assert len(found) == len(CODES)


@pytest.mark.parametrize("leaf", leaves(ArrTokenError), ids=lambda leaf: str(leaf.code))
def test_only_an_outage_looks_transient(leaf: type[ArrTokenError]) -> None:
    """A fault that only an operator or the caller can mend never looks transient, and an outage always does."""
    assert issubclass(leaf, TransientError) == (leaf.status in {503, 504})
    assert issubclass(leaf, CallerError) == (leaf.status < 500)
    assert issubclass(leaf, OperatorError) == (leaf.status in {500, 502})


@pytest.mark.parametrize(
    "leaf",
    [leaf for leaf in leaves(OperatorError) + leaves(TransientError) if leaf is not Misconfigured],
    ids=lambda leaf: str(leaf.code),
)
def test_again(leaf: type[ArrTokenError]) -> None:
    """Each of many waiting requests gets the failure as an instance of its own, with a Retry-After of its own."""
    first = leaf(ms_cv="cv", retry_after_s=30, upstream="sts", upstream_status=429, kind="status")
    second = first.again(7)
    assert second is not first
    assert type(second) is leaf
    shown = (second.ms_cv, second.retry_after_s, second.upstream, second.upstream_status, second.kind)
    assert shown == ("cv", 7, "sts", 429, "status")
    assert first.retry_after_s == 30


def test_again_drops_the_traceback() -> None:
    """What one request's traceback holds alive does not pile up in the next request's error."""
    with pytest.raises(StsThrottled) as raised:
        raise StsThrottled(retry_after_s=1)
    assert raised.value.__traceback__ is not None
    again = raised.value.again(1)
    assert again.__traceback__ is None
    assert again.__context__ is None


def test_text() -> None:
    """An error's text says which upstream failed and how, and no more."""
    assert str(AccountKeyRejected(ms_cv="cv", upstream="sts", upstream_status=401, kind="status")) == (
        "account-key-rejected upstream=sts status=401 kind=status"
    )
    assert str(UpstreamTimeout()) == "upstream-timeout upstream=- status=- kind=-"
    assert "".join(traceback.format_exception_only(UpstreamTimeout())).endswith("status=- kind=-\n")


def test_errors_are_compared_by_identity() -> None:
    """Two failures alike stay two failures."""
    assert UpstreamTimeout() != UpstreamTimeout()
