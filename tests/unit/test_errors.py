"""shared.errors."""

import importlib
import json
import re
import traceback

import pytest

from shared.errors import (
    AccountKeyRejected,
    ArrTokenError,
    CallerError,
    InternalError,
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


def test_codes() -> None:
    """Every code of the contract is one error with the contract's status, and there is no other."""
    found = leaves(ArrTokenError)
    assert {leaf.code: leaf.status for leaf in found} == CODES
    assert len(found) == len(CODES)


@pytest.mark.parametrize("leaf", leaves(ArrTokenError), ids=lambda leaf: str(leaf.code))
def test_only_an_outage_is_transient(leaf: type[ArrTokenError]) -> None:
    """A fault that only the operator or the caller can fix never looks transient, and an outage always does."""
    assert issubclass(leaf, TransientError) == (leaf.status in {503, 504})
    assert issubclass(leaf, CallerError) == (leaf.status < 500)
    assert issubclass(leaf, OperatorError) == (leaf.status in {500, 502})


def test_a_shared_failure_has_no_traceback() -> None:
    """A failure that is kept for a cool-down does not keep the account key in a traceback's local variables alive."""

    def fail() -> None:
        try:
            int("the key")
        except ValueError as error:
            raise StsThrottled(retry_after_s=1) from error

    with pytest.raises(StsThrottled) as raised:
        fail()
    shared = raised.value.without_traceback()
    assert (shared.__traceback__, shared.__cause__, shared.__context__) == (None, None, None)
    assert shared.retry_after_s == 1


def test_text() -> None:
    """An error's text says which upstream failed and how, and no more."""
    assert str(AccountKeyRejected(ms_cv="cv", upstream="sts", upstream_status=401, kind="status")) == (
        "account-key-rejected upstream=sts status=401 kind=status"
    )
    assert str(UpstreamTimeout()) == "upstream-timeout upstream=- status=- kind=-"
    assert str(Misconfigured()) == "misconfigured upstream=- status=- kind=settings"
    assert str(InternalError()) == "internal-error upstream=- status=- kind=-"
    assert InternalError().at == "-"
    assert "".join(traceback.format_exception_only(UpstreamTimeout())).endswith("status=- kind=-\n")


def test_an_internal_error_names_the_missing_package() -> None:
    """An operator who deployed without a package reads its name, and which of our files needs it."""
    with pytest.raises(ImportError) as raised:
        import no_such_package  # type: ignore[import-not-found]  # noqa: F401, PLC0415  # it fails
    error = InternalError.from_exception(raised.value, "key-vault")
    assert (error.kind, error.module, error.upstream) == ("ModuleNotFoundError", "no_such_package", "key-vault")
    assert error.at.startswith("test_errors.py:")
    with pytest.raises(ImportError) as raised:
        importlib.import_module("no_such_package")
    assert InternalError.from_exception(raised.value).at.startswith("__init__.py:"), "a file, not <frozen importlib>"


def test_an_internal_error_names_its_place() -> None:
    """The place of a bug is the innermost line; the exception's text may hold a secret and is dropped."""
    with pytest.raises(ValueError, match="property name") as raised:
        json.loads("{secret")
    error = InternalError.from_exception(raised.value)
    assert (error.kind, error.module) == ("JSONDecodeError", None)
    assert re.fullmatch(r"decoder\.py:\d+", error.at)
    assert "property name" not in repr(error) + str(error)


def test_an_internal_error_without_a_place() -> None:
    """An exception that was never raised has no place."""
    error = InternalError.from_exception(ValueError("text"))
    assert (error.at, error.upstream) == ("-", "-")
