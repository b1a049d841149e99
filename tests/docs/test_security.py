"""docs/security.md: each threat names a rule and a test that exist."""

import re

import pytest

from tests.docs.markdown import names, prose, read, rows

SECURITY = read("docs/security.md")
ATTACKS = rows(SECURITY, "## Attacks, and the tests that hold")
STOLEN = rows(SECURITY, "## What is in a thief's hands")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda row: row[0][:40])
def test_the_tests_exist(attack: list[str]) -> None:
    """A reader finds each test that the table names, in the file that it names."""
    file = ""
    for name in names(attack[3]):
        if name.endswith(".py"):
            file = read(name)
        else:
            assert re.search(rf"(?m)^(async )?def {name}\(", file), name
    assert file


def test_the_rules_are_the_contracts() -> None:
    """A reader finds each section of the contract that the table names."""
    sections = set(re.findall(r"(?m)^## (\d)\. ", read("docs/contract.md")))
    assert set(re.findall(r"\bC(\d)\b", SECURITY)) <= sections
    assert all(re.search(r"\bC\d\b", row[2]) for row in ATTACKS if "dependency" not in row[0])


def test_every_theft_has_a_next_step() -> None:
    """A reader finds for each stolen item its effect and the next step."""
    assert [row[0] for row in STOLEN if not (row[1] and row[4])] == []


def test_dependencies_are_pinned_with_hashes() -> None:
    """Azure installs exactly the tested packages: each line has a version and a hash."""
    text = read("requirements.txt").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(lines) > 10
    assert [line for line in lines if not re.match(r"[\w.\-\[\]]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []


def test_the_settings_exist() -> None:
    """A reader finds each parameter and setting in the templates or the contract."""
    template, contract = read("infra/main.bicep"), read("docs/contract.md")
    spans = set(names(prose(SECURITY)))
    parameters = {span for span in spans if re.fullmatch(r"[a-z]+([A-Z][a-z]+)+", span)}
    settings = {span for span in spans if re.fullmatch(r"(ARR|KEY|WEBSITE)_[A-Z_]+", span)}
    parameters -= {"appRoleAssignmentRequired"}  # Entra's
    assert {one for one in parameters if f"param {one} " not in template} == set()
    assert {one for one in settings if one not in contract} == set()
