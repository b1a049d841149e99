"""docs/operations.md against the contract and the code."""

import logging
import re

import pytest

from shared.api.audit_log import AuditLog
from shared.api.authorization import ANONYMOUS
from shared.errors import UpstreamTimeout
from shared.tokens.exchange import ExchangeResult
from tests.docs.markdown import blocks, names, prose, read, rows
from tests.infra import lines

OPERATIONS = read("docs/operations.md")
CONTRACT = read("docs/contract.md")
INCIDENTS = rows(OPERATIONS, "## From a code")
LINES = OPERATIONS[OPERATIONS.index("### The lines") :]


def test_every_code_is_in_the_table_of_incidents() -> None:
    """An operator finds every code that a caller may report, with its status."""
    contract = {names(row[2])[0]: row[1][:3] for row in rows(CONTRACT, "The status code takes precedence")}
    assert {names(row[0])[0]: row[1] for row in INCIDENTS} == contract


@pytest.mark.parametrize("row", INCIDENTS, ids=lambda row: row[0].strip("`"))
def test_every_code_has_a_next_step(row: list[str]) -> None:
    """An operator reads for each code who has to act, where to look, and the next step."""
    assert all(row)


def test_every_setting_is_the_contracts() -> None:
    """An operator finds no setting that the function does not read."""
    settings = set(re.findall(r"\b(?:ARR|KEY_VAULT)_[A-Z_]+\b", prose(OPERATIONS)))
    assert len(settings) > 5
    assert {one for one in settings if f"| `{one}` |" not in CONTRACT} == set()


def _logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return an exchange's line and a request's as the function writes them."""
    audit_log = AuditLog()
    audit_log.exchange_finished(ExchangeResult("load", UpstreamTimeout(), 1.0, "1/1", ()))
    with caplog.at_level(logging.INFO, "arr_token"):
        audit_log.failure(UpstreamTimeout(), ANONYMOUS, None, "1")
    return caplog.messages


def test_the_fields_of_the_lines(caplog: pytest.LogCaptureFixture) -> None:
    """An operator finds each field of both log lines explained, and in the order of the samples and the queries."""
    assert len(_logged(caplog)) == 2
    for line, row_of_queries in zip(caplog.messages, (lines.exchange(), lines.request()), strict=True):
        kind, *fields = (word.split("=")[0] for word in line.split())
        assert [word.split("=")[0] for word in row_of_queries.split()] == [kind, *fields]
        sample = next(one for one in blocks(LINES, "").splitlines() if one.startswith(f"{kind} "))
        assert re.findall(r" (\w+)=", sample) == fields
        explained = [field for row in rows(LINES, f"| field of `{kind}`") for field in names(row[0])]
        assert explained == fields


def test_the_kinds_of_failure_are_explained() -> None:
    """An operator finds a row with the next step for each kind of failure."""
    kinds = {names(row[0])[0] for row in rows(OPERATIONS, "### Kinds of failure")}
    assert {"status", "name", "connection", "tls", "timeout", "deadline"} <= kinds
    assert {kind for one in INCIDENTS for kind in re.findall(r"`kind=([a-z-]+)`", one[3] + one[4])} <= kinds
    sts = next(row[4] for row in INCIDENTS if row[0] == "`sts-unavailable`")
    assert {"`status`", "`connection`", "`tls`", "`name`"} <= {f"`{name}`" for name in names(sts)}
