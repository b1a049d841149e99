"""The examples of docs/openapi.yaml against real answers."""

import base64
import re
import sys
from typing import Any, NamedTuple

import pytest
import requests

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from shared.api.problems import _TEXTS
from shared.errors import CallerError, InternalError
from tests.openapi.conftest import Serve
from tests.openapi.document import PROBLEMS, ROOT, TOKENS, violations

_SIGN_IN = {"ARR_REQUIRED_ROLE": "ArrUser", "WEBSITE_AUTH_ENABLED": "True"}
_SIGNED_IN = base64.b64encode(b'{"auth_typ": "aad", "claims": [{"typ": "roles", "val": "Another"}]}').decode()
_LATER = {"Retry-After": "1"}  # leaves no retry to wait for


class Cause(NamedTuple):
    """What leads to a problem: a simulated service's fault, settings, or what the caller sends."""

    upstream: str = "sts"
    fault: Fault | None = None
    settings: dict[str, str | None] = {}  # noqa: RUF012  # it is not changed
    query: dict[str, str] = {}  # noqa: RUF012
    headers: dict[str, str] = {}  # noqa: RUF012
    bug: bool = False


CAUSES = {
    "invalid-request": Cause(query={"minValidity": "soon"}),
    "unauthenticated": Cause(settings={**_SIGN_IN}),
    "forbidden": Cause(settings={**_SIGN_IN}, headers={"x_ms_client_principal": _SIGNED_IN}),
    "misconfigured": Cause(settings={"KEY_VAULT_URL": None, "ARR_ACCOUNT_ID": None}),
    "identity-not-assigned": Cause("identity", Fault(status=400)),
    "identity-unavailable": Cause("identity", Fault(status=503, headers=_LATER)),
    "account-key-unavailable": Cause("key-vault", Fault(status=403)),
    "key-vault-unavailable": Cause("key-vault", Fault(status=503, headers=_LATER)),
    "account-key-rejected": Cause("sts", Fault(status=401)),
    "identity-rejected": Cause("sts", Fault(status=401), {"ARR_CREDENTIAL": "managed-identity"}),
    "sts-rejected-request": Cause("sts", Fault(status=400)),
    "sts-throttled": Cause("sts", Fault(status=429, headers=_LATER)),
    "sts-unavailable": Cause("sts", Fault(status=503, headers=_LATER)),
    "sts-invalid-response": Cause("sts", Fault(body="{}")),
    "upstream-timeout": Cause("sts", Fault(delay=5), {"ARR_MAX_WAIT_SECONDS": "1"}),
    "internal-error": Cause(bug=True),
}


def check(answer: requests.Response, example: dict[str, Any], varying: set[str]) -> None:
    """Compare an answer with schema, headers and example; what varies need only be null in both or in neither."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    real = answer.json()
    assert not list(violations(answer.status_code, headers, real))
    assert not list(violations(answer.status_code, headers, example))
    assert list(real) == list(example)
    assert {name for name in varying if real[name] is None} == {name for name in varying if example[name] is None}
    assert {**real, **{name: example[name] for name in varying}} == example


@pytest.mark.parametrize("code", CAUSES)
def test_problems(serve: Serve, services: SimulatedServices, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Callers get the problem as its example shows it."""
    cause = CAUSES[code]
    if cause.fault is not None:
        services.by_name()[cause.upstream].faults.set(cause.fault)
    served = serve(**cause.settings)
    if cause.bug:
        monkeypatch.delattr(sys.modules["shared.api.handler"], "read_parameters")
    answer = served.get(cause.query, **cause.headers)
    check(answer, PROBLEMS[code], {"requestId", "msCv"})
    assert answer.json()["requestId"] == answer.headers["x-ms-request-id"]
    assert answer.json()["msCv"] == answer.headers.get("MS-CV")
    challenge = 'Bearer realm="GetArrToken"' if code == "unauthenticated" else None
    assert answer.headers.get("WWW-Authenticate") == challenge


def test_a_token(serve: Serve) -> None:
    """Callers get a token as its example shows it."""
    check(serve().get(), TOKENS["token"], {"AccessToken", "MsCv", "ExpiresOn", "ExpiresIn"})


def test_a_token_whose_life_cannot_be_read(serve: Serve, services: SimulatedServices) -> None:
    """What can't be read of a token is null, as its example shows it."""
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
    assert PROBLEMS.keys() == _TEXTS.keys() == CAUSES.keys()


def test_the_readme_knows_what_can_be_down() -> None:
    """README's table has each problem that is neither the caller's nor ours."""
    others = {error.code for error in CallerError.__subclasses__()} | {InternalError.code}
    assert codes_of("README.md") == {code: one["status"] for code, one in PROBLEMS.items() if code not in others}
