"""The local stack in a process of its own, for as long as the tests run."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.environment import without_ours

ROOT = Path(__file__).parents[2]
FUNCTION_KEY = "made-up-key"
_SETTINGS = {"ARR_MAX_WAIT_SECONDS": "1"}  # the function's wait for an STS that hangs
_STARTS_WITHIN_S = 60
_STOPS_WITHIN_S = 20
_LOOKS_EVERY_S = 0.05


@contextmanager
def local_stack(log: Path) -> Iterator[str]:
    """Start it on a free port and yield its origin; its output goes to `log`.

    Raises SystemExit where it does not start.
    """
    command = [sys.executable, "-u", "-m", "local", "--port", "0", "--key", FUNCTION_KEY]
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(  # noqa: S603  # our own command
            command, cwd=ROOT, env=environment(_SETTINGS), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield _origin(process, log)
    finally:
        process.terminate()
        try:
            process.wait(_STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def environment(settings: dict[str, str]) -> dict[str, str]:
    """Return these settings without the user's own; no proxy is used for loopback."""
    own = without_ours(os.environ)
    return {name: value for name, value in own.items() if not name.upper().endswith("_PROXY")} | settings


def _origin(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while "Ctrl-C" not in (text := log.read_text(encoding="utf-8")):
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"unity: the local stack did not start:\n{text}")
        time.sleep(_LOOKS_EVERY_S)
    found = re.search(r"http://localhost:(\d+)", text)
    if found is None:
        sys.exit(f"unity: the local stack does not say where it is:\n{text}")
    return f"http://127.0.0.1:{found[1]}"
