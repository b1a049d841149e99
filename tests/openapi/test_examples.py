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


def check(response: requests.Response, example: dict[str, Any], varying: set[str]) -> None:
    """Compare a response with schema, headers and example; a varying field need only be null in both or in neither."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    real = response.json()
    assert not list(violations(response.status_code, headers, real))
    assert not list(violations(response.status_code, headers, example))
    assert list(real) == list(example)
    assert {name for name in varying if real[name] is None} == {name for name in varying if example[name] is None}
    assert {**real, **{name: example[name] for name in varying}} == example


@pytest.mark.parametrize("code", SITUATIONS)
def test_problems(serve: Serve, services: SimulatedServices, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Callers get each problem in the form of its example."""
    situation = SITUATIONS[code]
    served = situation.set_up(serve, services, monkeypatch)
    response = served.get(situation.query, **situation.headers)
    check(response, PROBLEMS[code], {"requestId", "msCv"})
    assert response.json()["requestId"] == response.headers["x-ms-request-id"]
    assert response.json()["msCv"] == response.headers.get("MS-CV")
    challenge = 'Bearer realm="GetArrToken"' if code == "unauthenticated" else None
    assert response.headers.get("WWW-Authenticate") == challenge


def test_a_token(serve: Serve) -> None:
    """Callers get a token in the form of its example."""
    check(serve().get(), TOKENS["token"], {"AccessToken", "MsCv", "ExpiresOn", "ExpiresIn"})


def test_a_token_whose_life_cannot_be_read(serve: Serve, services: SimulatedServices) -> None:
    """Unknown properties of a token are null, as in the example."""
    services.sts.faults.set(Fault(body='{"AccessToken": "not-a-jwt"}', headers={"MS-CV": None}))
    response = serve().get()
    check(response, TOKENS["unreadable-life"], set())
    assert "MS-CV" not in response.headers


def codes_of(path: str) -> dict[str, int]:
    """Return the problems of a Markdown file's tables and their statuses."""
    row = re.compile(r"^\| .* \| (?P<status>[0-9]{3})[^|]* \| `(?P<code>[a-z-]+)` \|$", re.MULTILINE)
    text = (ROOT / path).read_text(encoding="utf-8")
    return {match["code"]: int(match["status"]) for match in row.finditer(text)}


def test_documents_know_the_same_problems() -> None:
    """The document, the contract and the function have the same problems, and each one can be caused."""
    statuses = {code: example["status"] for code, example in PROBLEMS.items()}
    assert statuses == codes_of("docs/contract.md")
    assert PROBLEMS.keys() == _TEXTS.keys() == SITUATIONS.keys()


def test_the_readme_has_each_upstream_problem() -> None:
    """README's table has each problem that is caused by neither the caller nor the function."""
    others = {error.code for error in CallerError.__subclasses__()} | {InternalError.code}
    assert codes_of("README.md") == {code: one["status"] for code, one in PROBLEMS.items() if code not in others}
