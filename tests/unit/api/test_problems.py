"""shared.api.problems."""

import json

import pytest

from shared.api.problems import problem_response, title_and_detail
from shared.errors import (
    AccountKeyRejected,
    ArrTokenError,
    Forbidden,
    Misconfigured,
    StsThrottled,
    StsUnavailable,
    Unauthenticated,
)
from tests.unit.support import MS_CV
from tests.unit.test_errors import CODES, leaves

_LEAVES = {leaf.code: leaf for leaf in leaves(ArrTokenError) if leaf not in {Forbidden, Misconfigured}}
_ERRORS = [leaf() for leaf in _LEAVES.values()] + [Forbidden(caller_id=None), Misconfigured(("ONE must be x",))]
_REFUSALS = ["account-key-rejected", "identity-rejected", "sts-rejected-request"]
_MARK = "from-an-upstream"


def _detail(error: ArrTokenError) -> str:
    return title_and_detail(error)[1]


@pytest.mark.parametrize(
    ("error", "retry_after_s", "more"),
    [
        pytest.param(AccountKeyRejected(ms_cv=MS_CV, retry_after_s=30), None, {"MS-CV": MS_CV}, id="the STS's MS-CV"),
        pytest.param(StsThrottled(retry_after_s=5), 16, {"Retry-After": "16"}, id="the cache's Retry-After"),
        pytest.param(StsUnavailable(), None, {}, id="no Retry-After"),
        pytest.param(Unauthenticated(), None, {"WWW-Authenticate": 'Bearer realm="GetArrToken"'}, id="sign-in"),
        pytest.param(Misconfigured(("A must be b",)), None, {}, id="settings"),
    ],
)
def test_the_response(error: ArrTokenError, retry_after_s: int | None, more: dict[str, str]) -> None:
    """A failure becomes problem+json with the contract's headers and fields, in the contract's order."""
    response = problem_response(error, "request-id", retry_after_s)
    assert response.status_code == error.status
    assert dict(response.headers) == {
        "content-type": "application/problem+json",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "x-ms-request-id": "request-id",
        **more,
    }
    title, detail = title_and_detail(error)
    assert list(json.loads(response.get_body()).items()) == [
        ("type", f"urn:arr-token:problem:{error.code}"),
        ("title", title),
        ("status", error.status),
        ("detail", detail),
        ("code", error.code),
        ("requestId", "request-id"),
        ("msCv", error.ms_cv),
    ]


def test_the_tests_know_every_code() -> None:
    """The tests below see the text of every code of the contract."""
    assert {error.code for error in _ERRORS} == set(CODES)


@pytest.mark.parametrize("error", _ERRORS, ids=lambda error: str(error.code))
def test_every_code_has_a_text(error: ArrTokenError) -> None:
    """Every failure has a title, and a detail in whole sentences."""
    title, detail = title_and_detail(error)
    assert title[0].isupper()
    assert not title.endswith(".")
    assert detail[0].isupper() or detail.startswith("minValidity")
    assert detail.endswith(".")
    assert (title + detail).isascii()


@pytest.mark.parametrize("error", _ERRORS, ids=lambda error: str(error.code))
def test_the_text_is_fixed(error: ArrTokenError, monkeypatch: pytest.MonkeyPatch) -> None:
    """No text of an upstream gets into the text that callers read."""
    for name in ("ms_cv", "retry_after_s", "upstream", "upstream_status", "kind"):
        monkeypatch.setattr(error, name, _MARK)
    assert _MARK not in "".join(title_and_detail(error))


@pytest.mark.parametrize("code", _REFUSALS)
def test_a_refusal_by_the_sts_names_the_most_frequent_mistake(code: str) -> None:
    """After a refusal the operator is told to check the account's domain and id as well as the key."""
    detail = _detail(_LEAVES[code](ms_cv=MS_CV))
    assert all(word in detail for word in ("ARR_ACCOUNT_DOMAIN", "Overview", "ARR_ACCOUNT_ID", "key"))


@pytest.mark.parametrize("code", CODES)
def test_a_refusal_without_ms_cv(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal without MS-CV may come from something other than the STS, and its detail says so; no other's does."""
    error = next(error for error in _ERRORS if error.code == code)
    assert ("something other than the STS may have answered" in _detail(error)) is (code in _REFUSALS)
    assert ("2025-09-30" in _detail(error)) is (code in {*_REFUSALS, "sts-unavailable", "sts-invalid-response"})
    monkeypatch.setattr(error, "ms_cv", MS_CV)
    assert "something other than the STS" not in _detail(error)


def test_no_identity_names_both_cures() -> None:
    """Without an identity the detail names the managed identity and az login."""
    detail = _detail(_LEAVES["identity-not-assigned"]())
    assert "managed identity" in detail
    assert "az login" in detail


@pytest.mark.parametrize("error", _ERRORS, ids=lambda error: str(error.code))
def test_only_an_outage_says_try_again(error: ArrTokenError) -> None:
    """A caller is told to try again after Retry-After in an outage, and never after a fault that waiting can't fix."""
    text = "".join(title_and_detail(error)).lower()
    assert ("try again after retry-after seconds" in text) is (error.status in {503, 504})
    assert ("again" in text) is (error.status in {503, 504})


def test_misconfigured_names_every_setting() -> None:
    """The operator reads all wrong settings at once."""
    error = Misconfigured(("ONE must be x", "TWO must be y"))
    assert _detail(error) == "Correct these application settings: ONE must be x; TWO must be y."
