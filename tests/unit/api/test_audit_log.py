"""shared.api.audit_log."""

import logging
import re
from logging.handlers import BufferingHandler

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.api.audit_log import LOGGER, exchange_line, request_line, silence_libraries
from shared.api.authorization import ANONYMOUS, Caller
from shared.errors import AccountKeyUnavailable, StsThrottled
from shared.tokens.exchange import ExchangeRecord
from tests.unit.support import MS_CV, USER_ID, CacheHarness

LINE = re.compile(
    r"token-request outcome=[a-z-]+ caller=\S{1,128} source=(held|issued|-) ms_cv=\S{1,128} client_cv=\S{1,128} "
    r"expires_in=(\d+|-) age=(\d+|-) token_sha256=([0-9a-f]{16}|-)"
)


def test_request_line() -> None:
    """The audit line has the contract's fields in the contract's order."""
    line = request_line(
        "ok",
        Caller(USER_ID),
        "tul4NUsfs9Cl7mOf.1",
        source="held",
        ms_cv=MS_CV,
        life="expires_in=1 age=2 token_sha256=3",
    )
    assert line == (
        f"token-request outcome=ok caller={USER_ID} source=held ms_cv={MS_CV} client_cv=tul4NUsfs9Cl7mOf.1 "
        "expires_in=1 age=2 token_sha256=3"
    )


def test_request_line_without_a_token() -> None:
    """Where there is nothing to tell, a field is a hyphen."""
    assert request_line("forbidden", ANONYMOUS, None) == (
        "token-request outcome=forbidden caller=- source=- ms_cv=- client_cv=- expires_in=- age=- token_sha256=-"
    )


@given(st.text(), st.text(), st.text())
def test_nothing_forges_a_field(object_id: str, ms_cv: str, client_cv: str) -> None:
    """Whatever somebody else sent, the line stays one line with the same fields."""
    assert LINE.fullmatch(request_line("ok", Caller(object_id), client_cv, ms_cv=ms_cv))


def test_exchange_line() -> None:
    """The line of a failed exchange says which upstream failed, and how."""
    failure = StsThrottled(ms_cv=MS_CV, retry_after_s=7, upstream="sts", upstream_status=429, kind="status")
    assert exchange_line(ExchangeRecord("refresh", failure, 1.23456)) == (
        f"exchange outcome=sts-throttled upstream=sts status=429 kind=status ms_cv={MS_CV} "
        "started=refresh seconds=1.235"
    )


def test_exchange_line_without_an_answer() -> None:
    """The line of an exchange that no upstream answered has hyphens in their place."""
    assert exchange_line(ExchangeRecord("load", AccountKeyUnavailable(ms_cv="two words"), 0)) == (
        "exchange outcome=account-key-unavailable upstream=- status=- kind=- ms_cv=- started=load seconds=0.000"
    )


def test_exchange_line_of_a_success() -> None:
    """The line of a good exchange has the MS-CV of the STS's answer, and nothing of the token."""
    line = exchange_line(ExchangeRecord("request", CacheHarness().token(value="ey.SECRET.x"), 0.5))
    assert line == f"exchange outcome=ok upstream=- status=- kind=- ms_cv={MS_CV} started=request seconds=0.500"


def test_the_audit_line_does_not_depend_on_others() -> None:
    """The audit line is written at INFO even where somebody has set the root logger to warnings."""
    assert LOGGER.isEnabledFor(logging.INFO)


@pytest.mark.parametrize("name", ["azure.core", "azure.identity", "azure.keyvault", "msal", "urllib3", "requests"])
def test_libraries_are_silent(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What the SDKs log (tokens, headers, answers) reaches no log, whatever level somebody sets below them."""
    handler = BufferingHandler(1000)  # caplog listens to silent loggers, too
    silence_libraries()
    below = logging.getLogger(f"{name}.below")
    below.setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    for logger in (logging.getLogger(name), below):
        logger.critical("a token")
    logging.getLogger().removeHandler(handler)
    assert handler.buffer == []
    assert capsys.readouterr().err == ""


def test_the_platforms_own_log_stays(caplog: pytest.LogCaptureFixture) -> None:
    """The worker's own lines pass: "azure" itself is not silenced."""
    silence_libraries()
    logging.getLogger("azure.functions").error("the worker's")
    logging.getLogger("azure_functions_worker").error("as well")
    assert [record.message for record in caplog.records] == ["the worker's", "as well"]
