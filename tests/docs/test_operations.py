"""docs/operations.md against the contract and the code: what an operator reads at night is what the function says."""

import re

import pytest

from shared.api.audit_log import exchange_line, request_line
from shared.api.authorization import ANONYMOUS
from shared.errors import UpstreamTimeout
from shared.tokens.exchange import ExchangeRecord
from tests.docs.markdown import ROOT, blocks, names, prose, read, rows

OPERATIONS = read("docs/operations.md")
CONTRACT = read("docs/contract.md")
INCIDENTS = rows(OPERATIONS, "### From a code")
LINES = OPERATIONS[OPERATIONS.index("### The lines") :]


def test_every_code_is_in_the_table_of_incidents() -> None:
    """Whatever code a caller reports, the table has it, with its status."""
    contract = {names(row[2])[0]: row[1][:3] for row in rows(CONTRACT, "The status code takes precedence")}
    assert {names(row[0])[0]: row[1] for row in INCIDENTS} == contract


@pytest.mark.parametrize("row", INCIDENTS, ids=lambda row: row[0].strip("`"))
def test_every_code_has_a_way_on(row: list[str]) -> None:
    """Each code says whose turn it is, what to look at, and what to do then."""
    assert all(row)


def test_every_setting_is_the_contracts() -> None:
    """No setting is named that the function does not read."""
    settings = set(re.findall(r"\b(?:ARR|KEY_VAULT)_[A-Z_]+\b", prose(OPERATIONS)))
    assert len(settings) > 5
    assert {one for one in settings if f"| `{one}` |" not in CONTRACT} == set()


def test_the_fields_of_the_lines() -> None:
    """The tables explain each field of the two log lines; the samples have the fields in their order."""
    failure = ExchangeRecord("load", UpstreamTimeout(), 1.0)
    for line in (request_line("ok", ANONYMOUS, None), exchange_line(failure)):
        kind, *fields = (word.split("=")[0] for word in line.split())
        sample = next(one for one in blocks(LINES, "").splitlines() if one.startswith(f"{kind} "))
        assert re.findall(r" (\w+)=", sample) == fields
        explained = [field for row in rows(LINES, f"| field of `{kind}`") for field in names(row[0])]
        assert explained == fields


def test_no_key_in_a_command() -> None:
    """No command shows a secret to whoever lists processes, and none prints the secret that it stored."""
    commands = [line for line in blocks(OPERATIONS, "bash", "powershell").splitlines() if "secret set" in line]
    assert len(commands) == 2
    assert all("--file " in line and "--query id" in line and "--value" not in line for line in commands)
    assert "printf %s " in commands[0]


def test_every_file_exists() -> None:
    """No path of the repository is named that there isn't."""
    paths = set(re.findall(r"(?:infra|\.github|docs)/[\w./-]*\w", OPERATIONS))
    assert {"infra/main.bicep", "infra/app-key.sh", "infra/app-key.ps1"} <= paths
    assert {path for path in paths if not (ROOT / path).exists()} == set()
