"""The local stack in a process of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.environment import without_ours

ROOT = Path(__file__).parents[2]


class Stack:
    """A running stack: its address, and a way to change it without the page."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def send(self, method: str, path: str, **json: str | float) -> requests.Response:
        response = requests.request(method, f"{self.origin}/local/{path}", json=json or None, timeout=20)
        assert response.ok, response.text
        return response


@contextmanager
def running_stack(*arguments: str, **settings: str) -> Iterator[Stack]:
    """Run `python -m local` at a free port, without the user's own settings."""
    inherited = {name: value for name, value in without_ours(os.environ).items() if not name.upper().endswith("_PROXY")}
    process = subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-u", "-m", "local", "--port", "0", *arguments],
        cwd=ROOT,
        env=inherited | settings,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Stack(_origin(process))
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _origin(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    found = None
    for line in process.stdout:
        found = found or re.search(r"http://localhost:\d+", line)
        if found and "Ctrl-C" in line:
            return found[0]
    raise AssertionError("the stack did not start")
