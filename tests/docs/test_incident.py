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
    ended = subprocess.run(command, env=os.environ | own, capture_output=True, text=True, check=False)  # noqa: S603
    return ended.stdout.strip()


def _cause(line: str) -> str:
    """Find the row as a reader would: by what stands between backticks."""
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
def test_the_cause_stands_beside_what_the_probe_prints(
    stack: str, method: str, path: str, fault: Any, cause: str
) -> None:
    """Whoever sees the line finds the row that names the cause, and the row leads on."""
    with _fault(stack, method, path, fault):
        assert cause in _cause(_probe(stack))


def test_sign_in_that_is_not_enforced(stack: str) -> None:
    """Nothing stands in front of the local stack; the page says to stop the app."""
    assert "**stop the app**" in _cause(_probe(stack, sign_in="true"))


def test_a_function_that_does_not_start() -> None:
    """Nothing answers at all."""
    assert "the function is not starting" in _cause(_probe("http://127.0.0.1:9"))


def test_a_function_that_works(stack: str) -> None:
    """The line that the first row shows."""
    assert _cause(_probe(stack)) == "the function works"


def test_the_first_rule_is_not_to_restart() -> None:
    """Before anything else that could be done: a restart drops the tokens that still serve."""
    first = OPERATIONS[OPERATIONS.index("## The first five minutes") :]
    assert first.index("Don't restart") < first.index("1. ")
    assert first.index("Don't restart") < first.index("az functionapp restart")
