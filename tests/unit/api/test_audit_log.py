"""shared.api.audit_log."""

import logging
import re
from logging.handlers import BufferingHandler
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.api.audit_log import AuditLog, silence_libraries
from shared.api.authorization import ANONYMOUS, Caller
from shared.api.token_response import TokenResponse
from shared.errors import AccountKeyRejected, Forbidden, InternalError, Misconfigured, StsThrottled
from shared.settings import read_settings
from shared.tokens.cache import CachedToken
from shared.tokens.exchange import ExchangeResult
from tests.unit.support import ENVIRONMENT, MS_CV, USER_ID, CacheHarness

LINE = re.compile(
    r"token-request outcome=[a-z-]+ request_id=\S{1,128} caller=\S{1,128} source=(held|issued|-) ms_cv=\S{1,128} "
    r"client_cv=\S{1,128} expires_in=(\d+|-) age=(\d+|-) token_sha256=([0-9a-f]{16}|-)( at=\S+( module=\S+)?)?"
)
CLIENT_CV = "tul4NUsfs9Cl7mOf.1"
_MISSING = InternalError(upstream="key-vault", kind="ModuleNotFoundError", at="key_vault.py:6", module="azure.keyvault")


class Written(BufferingHandler):
    """Records the lines of a new audit log."""

    def __init__(self) -> None:
        super().__init__(capacity=10_000)
        self.log = AuditLog()

    def __enter__(self) -> Self:
        logging.getLogger("arr_token").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("arr_token").removeHandler(self)

    def token(self, caller: Caller, client_cv: str | None, request_id: str, *, waited: bool = False) -> None:
        token = CacheHarness().token(value="ey.SECRET.x")
        cached = CachedToken(token, 60.5, waited)
        self.log.token(cached, TokenResponse(token, read_settings(ENVIRONMENT)), caller, client_cv, request_id)

    @property
    def lines(self) -> list[str]:
        return [f"{record.levelname} {record.getMessage()}" for record in self.buffer]


@pytest.mark.parametrize(("waited", "source"), [(False, "held"), (True, "issued")])
def test_a_request_that_got_a_token(waited: bool, source: str) -> None:
    """The audit line has the contract's fields in the contract's order, and nothing of the token but a digest."""
    with Written() as written:
        written.token(Caller(USER_ID), CLIENT_CV, "request-id", waited=waited)
    (line,) = written.lines
    assert line == (
        f"INFO token-request outcome=ok request_id=request-id caller={USER_ID} source={source} ms_cv={MS_CV} "
        f"client_cv={CLIENT_CV} expires_in=86339 age=60 token_sha256=55652ab51d2d8ed1"
    )


def test_a_request_that_failed() -> None:
    """A field without a value is a hyphen."""
    with Written() as written:
        written.log.failure(Forbidden(), ANONYMOUS, None, "request-id")
    (line,) = written.lines
    assert line == (
        "INFO token-request outcome=forbidden request_id=request-id caller=- source=- ms_cv=- client_cv=- "
        "expires_in=- age=- token_sha256=-"
    )


@given(st.text(), st.text(), st.text(), st.text())
def test_no_field_can_be_forged(request_id: str, object_id: str, ms_cv: str, client_cv: str) -> None:
    """Text from outside leaves the line one line with the same fields."""
    with Written() as written:
        written.token(Caller(object_id), client_cv, request_id)
        written.log.failure(StsThrottled(ms_cv=ms_cv), Caller(object_id), client_cv, request_id)
    assert all(LINE.fullmatch(line.removeprefix("INFO ")) for line in written.lines)
    assert len(written.lines) == 2


def test_misconfigured() -> None:
    """Wrong settings are named by each request that gets the problem."""
    with Written() as written:
        written.log.failure(Misconfigured(("ONE must be x", "TWO must be y")), ANONYMOUS, None, "request-id")
    assert written.lines[0] == "ERROR misconfigured: ONE must be x; TWO must be y"
    assert written.lines[1].startswith("INFO token-request outcome=misconfigured ")


def test_an_internal_error() -> None:
    """An operator who deployed without a package finds its name and the place that needs it."""
    with Written() as written:
        written.log.failure(_MISSING, ANONYMOUS, None, "request-id")
        written.log.failure(InternalError(kind="LookupError", at="handler.py:7"), ANONYMOUS, None, "request-id")
    assert written.lines[::2] == [
        "ERROR internal-error kind=ModuleNotFoundError at=key_vault.py:6 module=azure.keyvault",
        "ERROR internal-error kind=LookupError at=handler.py:7",
    ]
    assert written.lines[1].endswith(" token_sha256=- at=key_vault.py:6 module=azure.keyvault")
    assert written.lines[3].endswith(" token_sha256=- at=handler.py:7")


@pytest.mark.parametrize(
    ("result", "line"),
    [
        pytest.param(
            ExchangeResult("request", CacheHarness().token(value="ey.SECRET.x"), 0.5, "1/2", ()),
            f"INFO exchange outcome=ok upstream=- status=- kind=- key=1/2 skipped=- ms_cv={MS_CV} started=request "
            "seconds=0.500",
            id="success",
        ),
        pytest.param(
            ExchangeResult("refresh", CacheHarness().token(), 0.5, "2/2", ("sts:401",)),
            f"WARNING exchange outcome=ok upstream=- status=- kind=- key=2/2 skipped=sts:401 ms_cv={MS_CV} "
            "started=refresh seconds=0.500",
            id="success by the second key",
        ),
        pytest.param(
            ExchangeResult("load", CacheHarness().token(None, ms_cv=None), 0, "-", ()),
            "INFO exchange outcome=ok upstream=- status=- kind=- key=- skipped=- ms_cv=- started=load seconds=0.000",
            id="keyless",
        ),
        pytest.param(
            ExchangeResult(
                "refresh",
                StsThrottled(ms_cv=MS_CV, retry_after_s=7, upstream="sts", upstream_status=429, kind="status"),
                1.23456,
                "1/1",
                (),
            ),
            f"WARNING exchange outcome=sts-throttled upstream=sts status=429 kind=status key=1/1 skipped=- "
            f"ms_cv={MS_CV} started=refresh seconds=1.235",
            id="failure",
        ),
        pytest.param(
            ExchangeResult("load", AccountKeyRejected(ms_cv="two words"), 0, "-", ("key-vault:secret", "sts:401")),
            "WARNING exchange outcome=account-key-rejected upstream=- status=- kind=- key=- "
            "skipped=key-vault:secret,sts:401 ms_cv=- started=load seconds=0.000",
            id="no key works",
        ),
        pytest.param(
            ExchangeResult("load", _MISSING, 0, "-", ()),
            "WARNING exchange outcome=internal-error upstream=key-vault status=- kind=ModuleNotFoundError key=- "
            "skipped=- ms_cv=- started=load seconds=0.000 at=key_vault.py:6 module=azure.keyvault",
            id="a package is missing",
        ),
    ],
)
def test_an_exchange(result: ExchangeResult, line: str) -> None:
    """The next request writes the exchange's line before its own: the key used, those skipped and why, what failed."""
    with Written() as written:
        written.log.exchange_finished(result)
        assert written.lines == [], "the host would discard it"
        written.token(ANONYMOUS, None, "request-id")
        written.token(ANONYMOUS, None, "request-id")
    assert written.lines[0] == line
    assert [text.split()[1] for text in written.lines] == ["exchange", "token-request", "token-request"]


def test_the_queue_is_bounded() -> None:
    """Of exchanges that no request has logged yet, the last hundred are kept."""
    with Written() as written:
        for number in range(105):
            written.log.exchange_finished(ExchangeResult("refresh", StsThrottled(ms_cv=str(number)), 0, "-", ()))
        written.log.failure(Forbidden(), ANONYMOUS, None, "request-id")
    numbers = [line.split(" ms_cv=")[1].split()[0] for line in written.lines]
    assert numbers == [*map(str, range(5, 105)), "-"]


def test_the_audit_line_does_not_depend_on_others() -> None:
    """The audit line is written at INFO even if somebody has set the root logger to warnings."""
    assert logging.getLogger("arr_token").isEnabledFor(logging.INFO)


@pytest.mark.parametrize("name", ["azure.core", "azure.identity", "azure.keyvault", "msal", "urllib3", "requests"])
def test_libraries_are_silent(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Tokens, headers and responses that the SDKs log reach no log, whatever level is set on a logger below theirs."""
    handler = BufferingHandler(1000)  # caplog also records silent loggers
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
    """The worker's own lines get through: "azure" itself is not silenced."""
    silence_libraries()
    logging.getLogger("azure.functions").error("the worker's")
    logging.getLogger("azure_functions_worker").error("as well")
    assert [record.message for record in caplog.records] == ["the worker's", "as well"]
