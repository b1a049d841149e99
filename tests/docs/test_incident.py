"""The first five minutes of docs/operations.md on the local stack: the probe's line leads to the cause."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from tests.docs.markdown import names, read, rows
from tests.infra.deployments import INFRA
from tests.unity.stack import FUNCTION_KEY, local_stack

OPERATIONS = read("docs/operations.md")
CAUSES = rows(OPERATIONS, "| the probe prints |")
pytestmark = pytest.mark.skipif(sys.platform == "win32" or not shutil.which("curl"), reason="no curl")


def _probe(origin: str, sign_in: str = "false") -> str:
    own = {"GET_ARR_TOKEN_URL": f"{origin}/api/GetArrToken", "FUNCTION_KEY": FUNCTION_KEY, "SIGN_IN": sign_in}
    command = ["sh", str(INFRA / "probe.sh")]
    ended = subprocess.run(command, env=os.environ | own, capture_output=True, text=True, check=False)  # noqa: S603  # our own command
    return ended.stdout.strip()


def _cause(line: str) -> str:
    """Find the row as a reader would: by its text between backticks."""
    for row in CAUSES:
        for shown in names(row[0]):
            if re.search(re.escape(shown).replace("…", ".*"), line):
                return row[1]
    return ""


@contextmanager
def _fault(origin: str, method: str, path: str, json: Any = None) -> Iterator[None]:
    requests.request(method, f"{origin}/local/{path}", json=json, timeout=10)
    requests.post(f"{origin}/local/restart", timeout=60)
    yield
    requests.post(f"{origin}/local/reset", timeout=10)
    requests.post(f"{origin}/local/restart", timeout=60)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the function with its services."""
    with local_stack(tmp_path_factory.mktemp("incident") / "log") as origin:
        yield origin


@pytest.mark.parametrize(
    ("method", "path", "fault", "cause"),
    [
        ("POST", "keys/primary/revoke", None, "a key rotated wrongly"),
        ("PUT", "faults/identity", {"status": 400}, "the identity was removed"),
        ("PUT", "faults/sts", {"status": 503}, "the STS is down"),
        ("PUT", "faults/sts", {"delay": 1000}, "the STS is down, hangs"),
    ],
)
def test_the_probes_line_leads_to_the_cause(stack: str, method: str, path: str, fault: Any, cause: str) -> None:
    """An operator finds the probe's line in the table, with the cause and a link."""
    with _fault(stack, method, path, fault):
        assert cause in _cause(_probe(stack))


def test_sign_in_that_is_not_enforced(stack: str) -> None:
    """An operator reads to stop the app; the local stack has no App Service in front."""
    assert "**stop the app**" in _cause(_probe(stack, sign_in="true"))


def test_a_function_that_does_not_start() -> None:
    """An operator finds the row for a function that does not respond at all."""
    assert "the function is not starting" in _cause(_probe("http://127.0.0.1:9"))


def test_a_function_that_works(stack: str) -> None:
    """An operator finds the probe's success line in the first row."""
    assert _cause(_probe(stack)) == "the function works"
