"""The diagrams of docs/architecture.md. Their Mermaid was parsed and looked at when they were drawn."""

import re

from tests.docs.markdown import ROOT, blocks, names, read, rows

ARCHITECTURE = read("docs/architecture.md")
SEQUENCE, STATES = re.split(r"(?m)^(?=stateDiagram-v2)", blocks(ARCHITECTURE, "mermaid"))
CONTRACT_STATES = {row[0] for row in rows(read("docs/contract.md"), "## 5. The life of a token")}


def test_the_states_are_the_contracts() -> None:
    """The life of a token is drawn, and told below, in the states of contract section 5."""
    drawn = set(re.findall(r"(\w+) --> (\w+):", STATES))
    assert {state for pair in drawn for state in pair} == CONTRACT_STATES
    assert {names(row[0])[0] for row in rows(ARCHITECTURE, "stateDiagram-v2")} == CONTRACT_STATES


def test_no_state_is_a_dead_end() -> None:
    """From every state an arrow leads on, and the worker's load leads to one of them."""
    assert set(re.findall(r"(\w+) --> \w+:", STATES)) == CONTRACT_STATES
    assert re.findall(r"\[\*\] --> (\w+):", STATES) == ["spent"]


def test_the_way_names_modules() -> None:
    """What the way of a request calls by a module's name is a module."""
    participants = dict(re.findall(r"participant (\w+) as (\w+)", SEQUENCE))
    noted = re.findall(r"Note over Handler: ([\w, ]+):", SEQUENCE)
    called = {participants[one] for one in ("Handler", "Cache", "Exchange")} | set(", ".join(noted).split(", "))
    assert called == {"handler", "token_cache", "broker", "callers", "parameters", "audit"}
    assert all((ROOT / "shared" / f"{module}.py").is_file() for module in called)


def test_every_arrow_has_two_ends() -> None:
    """Each arrow of the way of a request goes from one of its participants to another."""
    participants = set(re.findall(r"participant (\w+) as", SEQUENCE))
    arrows = re.findall(r"(?m)^ +(\w+)-{1,2}>>(\w+): \S", SEQUENCE)
    assert len(arrows) == SEQUENCE.count(">>")
    assert {end for arrow in arrows for end in arrow} == participants
