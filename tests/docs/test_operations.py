"""docs/operations.md against the contract and the code."""

import re

import pytest

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


def test_the_fields_of_the_lines() -> None:
    """An operator finds each field of both log lines explained, and in the samples' order."""
    for line in (lines.request(), lines.exchange()):
        kind, *fields = (word.split("=")[0] for word in line.split())
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
