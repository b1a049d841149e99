"""A Python client that openapi-python-client generates from docs/openapi.yaml, against the local stack."""

import datetime as dt
import importlib
import subprocess
import sys
import uuid
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from local.services.simulated_services import SimulatedServices
from tests.openapi.conftest import Serve
from tests.openapi.document import PROBLEMS, ROOT
from tests.openapi.served import KEY, Served
from tests.openapi.situations import SITUATIONS

_PACKAGE = "generated_arr_token_client"
_ONE_OF_EACH_STATUS = {example["status"]: code for code, example in PROBLEMS.items()}.values()


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """Generate and import the client. A warning means that the client lacks a part of the document."""
    folder = tmp_path_factory.mktemp("generated")
    config = folder / "config.yaml"
    config.write_text("post_hooks: []\n", encoding="utf-8")  # the hooks only format
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"]
    paths = {"--config": config, "--path": ROOT / "docs" / "openapi.yaml", "--output-path": folder / _PACKAGE}
    command += [str(word) for pair in paths.items() for word in pair]
    run = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own command
    assert run.returncode == 0, run.stdout + run.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module(_PACKAGE)
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
        del sys.modules[name]


def _call(generated: ModuleType, served: Served, headers: dict[str, str] | None = None, **parameters: Any) -> Any:
    """Return the detailed response."""
    api = importlib.import_module(f"{generated.__name__}.api.token.get_arr_token")
    options = {"token": KEY, "prefix": "", "auth_header_name": "x-functions-key", "headers": headers or {}}
    with generated.AuthenticatedClient(base_url=served.url, **options) as client:
        return api.sync_detailed(client=client, **parameters)


def test_a_token(generated: ModuleType, served: Served, services: SimulatedServices) -> None:
    """The client gets the token with typed fields."""
    response = _call(generated, served, min_validity=3600, cache_control="no-cache")
    token = response.parsed
    assert token.access_token == services.sts.issued[-1]
    assert token.expires_on - dt.timedelta(days=1) < dt.datetime.now(dt.UTC) < token.expires_on
    assert 0 < token.expires_in <= 86_400
    assert token.account_id == uuid.UUID(services.account.id)
    assert token.ms_cv == response.headers["MS-CV"]


@pytest.mark.parametrize("code", _ONE_OF_EACH_STATUS)
def test_problems(
    generated: ModuleType, serve: Serve, services: SimulatedServices, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """The client reads a problem of each status, with its code and its MS-CV."""
    situation = SITUATIONS[code]
    served = situation.set_up(serve, services, monkeypatch)
    headers = {name.replace("_", "-"): value for name, value in situation.headers.items()}
    problem = _call(generated, served, headers, **({"min_validity": "soon"} if situation.query else {})).parsed
    assert (problem.code, problem.status) == (code, PROBLEMS[code]["status"])
    assert (problem.ms_cv is None) == (PROBLEMS[code]["msCv"] is None)
    assert isinstance(problem.request_id, uuid.UUID)


def test_a_code_of_a_later_version(generated: ModuleType) -> None:
    """A client that was generated today accepts a code that is added later."""
    models = importlib.import_module(f"{generated.__name__}.models")
    assert models.Problem.from_dict({**PROBLEMS["internal-error"], "code": "added-later"}).code == "added-later"
