"""docs/openapi.yaml, tested by schemathesis against the local stack."""

import os
import re
import subprocess
import sys

import pytest

from tests.openapi.document import DOCUMENT, PROBLEMS, RESPONSES, ROOT
from tests.openapi.served import KEY, Served

_PATIENCE_S = 60


def test_any_request(served: Served) -> None:
    """The response to any request is one that the document describes, and the document is OpenAPI 3.1."""
    run = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-m", "tests.openapi.run_schemathesis", served.url],
        cwd=ROOT,
        env={**os.environ, "FUNCTION_KEY": KEY},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_PATIENCE_S,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "No issues found" in run.stdout
    assert DOCUMENT["openapi"].startswith("3.1.")


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ({}, {}),
        ({}, {"x_functions_key": "another"}),
        ({}, {"x_functions_key": ""}),
        ({"code": KEY}, {"x_functions_key": ""}),
    ],
)
def test_without_the_key(served: Served, query: dict[str, str], headers: dict[str, str]) -> None:
    """A missing or wrong function key is the platform's bare 401; an empty header hides the key in the URL."""
    response = served.call("GET", query, **headers)
    assert (response.status_code, response.content) == (401, b"")
    assert not {"WWW-Authenticate", "x-ms-request-id", "Content-Type"} & set(response.headers)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "without body" in " ".join(RESPONSES[401]["description"].split())


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PUT", "DELETE"])
def test_another_method(served: Served, method: str) -> None:
    """Every other method is the platform's bare 404."""
    response = served.call(method, x_functions_key=KEY)
    assert (response.status_code, response.content, RESPONSES[404].get("content")) == (404, b"", None)


@pytest.mark.parametrize("headers", [{}, {"x_functions_key": KEY}])
def test_the_key_in_the_address(served: Served, headers: dict[str, str]) -> None:
    """The platform accepts the key in the URL, too."""
    assert served.call("GET", {"code": KEY}, **headers).status_code == 200


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_names_itself(code: str) -> None:
    """A reader finds each example under its own code, and in the response of its own status."""
    example = PROBLEMS[code]
    assert (example["code"], example["type"]) == (code, f"urn:arr-token:problem:{code}")
    response = RESPONSES[example["status"]]
    assert code in response["content"]["application/problem+json"]["examples"]
    assert f"`{code}`" in response["description"]


def test_the_known_codes_are_listed() -> None:
    """A reader finds all codes in the description of `code`; an enum would break clients at the next new code."""
    schema = DOCUMENT["components"]["schemas"]["Problem"]["properties"]["code"]
    assert set(re.findall(r"`([a-z-]+)`", schema["description"])) == PROBLEMS.keys()
