"""shared.api.problems."""

import pytest

from shared.api.problems import title_and_detail
from shared.errors import ArrTokenError, Forbidden, Misconfigured
from tests.unit.test_errors import CODES, leaves

_LEAVES = {leaf.code: leaf for leaf in leaves(ArrTokenError) if leaf not in {Forbidden, Misconfigured}}
_ERRORS = [leaf() for leaf in _LEAVES.values()] + [
    Forbidden(caller_id=None),
    Misconfigured(problems=("ONE must be x",)),
]
_MARK = "from-an-upstream"


def test_no_code_is_left_out() -> None:
    """The tests below ask for the prose of every code of the contract."""
    assert {error.code for error in _ERRORS} == set(CODES)


@pytest.mark.parametrize("error", _ERRORS, ids=lambda error: str(error.code))
def test_every_code_has_prose(error: ArrTokenError) -> None:
    """Every failure has a title, and a detail in whole sentences that says what to do next."""
    title, detail = title_and_detail(error)
    assert title[0].isupper()
    assert not title.endswith(".")
    assert detail[0].isupper() or detail.startswith("minValidity")
    assert detail.endswith(".")
    assert (title + detail).isascii()


@pytest.mark.parametrize("code", _LEAVES)
def test_prose_is_fixed(code: str) -> None:
    """Nothing that an upstream sent gets into the text that callers read."""
    error = _LEAVES[code](ms_cv=_MARK, retry_after_s=7, upstream=_MARK, upstream_status=418, kind=_MARK)
    assert _MARK not in "".join(title_and_detail(error))


@pytest.mark.parametrize("code", ["account-key-rejected", "identity-rejected", "sts-rejected-request"])
def test_a_refusal_by_the_sts_names_the_frequent_mistake(code: str) -> None:
    """Who is refused by the STS is sent to the account's domain and id as well as to the key."""
    detail = title_and_detail(_LEAVES[code]())[1]
    assert "ARR_ACCOUNT_DOMAIN" in detail
    assert "ARR_ACCOUNT_ID" in detail
    assert "Overview" in detail
    assert "key" in detail


def test_no_identity_names_both_cures() -> None:
    """Who has no identity reads of the managed identity and of az login."""
    detail = title_and_detail(_LEAVES["identity-not-assigned"]())[1]
    assert "managed identity" in detail
    assert "az login" in detail


@pytest.mark.parametrize("code", [code for code, status in CODES.items() if status in {503, 504}])
def test_an_outage_says_when_to_try_again(code: str) -> None:
    """Who meets an outage is told to wait for Retry-After."""
    assert "Retry-After" in title_and_detail(_LEAVES[code]())[1]


@pytest.mark.parametrize("error", [error for error in _ERRORS if error.status in {500, 502}], ids=str)
def test_an_operators_fault_does_not_say_try_again(error: ArrTokenError) -> None:
    """Who meets a fault that waiting can't mend is not told to wait."""
    assert "again" not in "".join(title_and_detail(error)).lower()


@pytest.mark.parametrize("code", ["sts-unavailable", "sts-invalid-response"])
def test_a_retired_service_is_named(code: str) -> None:
    """Who calls an STS that is gone reads that Microsoft retired it."""
    assert "2025-09-30" in title_and_detail(_LEAVES[code]())[1]


def test_misconfigured_names_every_problem() -> None:
    """The operator reads all problems at once."""
    detail = title_and_detail(Misconfigured(problems=("ONE must be x", "TWO must be y")))[1]
    assert detail == "Correct these application settings: ONE must be x; TWO must be y."
