"""The types that openapi-typescript makes from docs/openapi.yaml, in a client that calls the local stack."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.local.npm import install, needs_npm, run
from tests.openapi.document import ROOT
from tests.openapi.served import KEY, Served

pytestmark = needs_npm


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the client against the types, as strictly as the compiler can."""
    folder = install(Path(__file__).with_name("typescript"), tmp_path_factory.mktemp("typescript") / "client")
    shutil.copy(ROOT / "docs" / "openapi.yaml", folder)
    run(folder, "run", "build")
    return folder / "client.js"


def _call(client: Path, served: Served, *, key: str = KEY, min_validity: str = "0") -> Any:
    command = ["node", str(client), served.url, key, min_validity]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)  # noqa: S603  # our own command


def test_typescript_reads_all_kinds_of_responses(client: Path, served: Served, services: SimulatedServices) -> None:
    """A token, a problem with and without MS-CV, and the platform's response without a body."""
    token = _call(client, served)
    assert token["token"] == services.sts.issued[-1]
    assert 0 < token["secondsLeft"] <= 86_400
    problem = _call(client, served, min_validity="82801")
    assert (problem["code"], problem["status"], problem["msCv"]) == ("invalid-request", 400, None)
    assert _call(client, served, key="wrong") == {"platform": 401}


def test_typescript_reads_a_refusal_of_the_sts(client: Path, served: Served, services: SimulatedServices) -> None:
    """The MS-CV of a refusal is a string in the client, too."""
    services.sts.faults.set(Fault(status=401))
    problem = _call(client, served)
    assert problem["code"] == "account-key-rejected"
    assert problem["msCv"] == services.sts.faults.calls[-1].response_headers["MS-CV"]
