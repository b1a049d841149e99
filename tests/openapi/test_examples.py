"""The examples of docs/openapi.yaml against real responses."""

import re
from typing import Any

import pytest
import requests

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.api.problems import _TEXTS
from shared.errors import CallerError, InternalError
from tests.openapi.conftest import Serve
from tests.openapi.document import PROBLEMS, ROOT, TOKENS, violations
from tests.openapi.situations import SITUATIONS


def check(answer: requests.Response, example: dict[str, Any], varying: set[str]) -> None:
    """Compare a response with schema, headers and example; a varying field need only be null in both or in neither."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    real = answer.json()
    assert not list(violations(answer.status_code, headers, real))
    assert not list(violations(answer.status_code, headers, example))
    assert list(real) == list(example)
    assert {name for name in varying if real[name] is None} == {name for name in varying if example[name] is None}
    assert {**real, **{name: example[name] for name in varying}} == example


@pytest.mark.parametrize("code", SITUATIONS)
def test_problems(serve: Serve, services: SimulatedServices, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Callers get the problem as its example shows it."""
    situation = SITUATIONS[code]
    served = situation.set_up(serve, services, monkeypatch)
    answer = served.get(situation.query, **situation.headers)
    check(answer, PROBLEMS[code], {"requestId", "msCv"})
    assert answer.json()["requestId"] == answer.headers["x-ms-request-id"]
    assert answer.json()["msCv"] == answer.headers.get("MS-CV")
    challenge = 'Bearer realm="GetArrToken"' if code == "unauthenticated" else None
    assert answer.headers.get("WWW-Authenticate") == challenge


def test_a_token(serve: Serve) -> None:
    """Callers get a token as its example shows it."""
    check(serve().get(), TOKENS["token"], {"AccessToken", "MsCv", "ExpiresOn", "ExpiresIn"})


def test_a_token_whose_life_cannot_be_read(serve: Serve, services: SimulatedServices) -> None:
    """Unknown properties of a token are null, as its example shows."""
    services.sts.faults.set(Fault(body='{"AccessToken": "not-a-jwt"}', headers={"MS-CV": None}))
    answer = serve().get()
    check(answer, TOKENS["unreadable-life"], set())
    assert "MS-CV" not in answer.headers


def codes_of(path: str) -> dict[str, int]:
    """Return the problems of a Markdown file's tables and their statuses."""
    row = re.compile(r"^\| .* \| (?P<status>[0-9]{3})[^|]* \| `(?P<code>[a-z-]+)` \|$", re.MULTILINE)
    text = (ROOT / path).read_text(encoding="utf-8")
    return {match["code"]: int(match["status"]) for match in row.finditer(text)}


def test_documents_know_the_same_problems() -> None:
    """The document, the contract and the function know the same problems, and each can be provoked."""
    statuses = {code: example["status"] for code, example in PROBLEMS.items()}
    assert statuses == codes_of("docs/contract.md")
    assert PROBLEMS.keys() == _TEXTS.keys() == SITUATIONS.keys()


def test_the_readme_knows_what_can_be_down() -> None:
    """README's table has each problem that is neither the caller's nor ours."""
    others = {error.code for error in CallerError.__subclasses__()} | {InternalError.code}
    assert codes_of("README.md") == {code: one["status"] for code, one in PROBLEMS.items() if code not in others}
