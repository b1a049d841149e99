"""The function behind the local host, in a process of its own: started by `run`, ended by the end of its input.

For each line of input it counts its objects. It writes its log, the counts, and its waits for a processor.
"""

import asyncio
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Container
from pathlib import Path
from typing import Any, Final, TextIO, override

from aiohttp import web

from bench.soak.plan import FUNCTION_KEY, MAX_WAIT_S
from local.host.host import Host
from local.host.invocations import current_invocation
from local.host.sockets import bind, origin
from local.host.worker import Worker
from tests.leaks import object_counts

ROOT: Final = Path(__file__).resolve().parents[2]
_EVERY_S: Final = 0.5


class LogFile(logging.Handler):
    """Writes every line of every logger, also those that Azure would lose."""

    def __init__(self, file: TextIO, running: Container[str]) -> None:
        super().__init__()
        self._file = file
        self._running = running

    @override
    def emit(self, record: logging.LogRecord) -> None:
        invocation_id = current_invocation()
        line = {
            "at": time.time(),
            "request": invocation_id,
            "delivered": invocation_id is not None and invocation_id in self._running,
            "logger": record.name,
            "level": record.levelno,
            "text": self.format(record),
        }
        self._file.write(json.dumps(line) + "\n")


async def _serve(directory: Path) -> None:
    with (directory / "log.jsonl").open("w") as log, (directory / "process.jsonl").open("w") as process:
        worker = Worker(ROOT)
        root = logging.getLogger()
        root.setLevel(logging.INFO)  # the worker's own level
        root.addHandler(LogFile(log, worker.running))
        await worker.load()
        runner = web.AppRunner(Host(worker, FUNCTION_KEY).application(), access_log=None)
        await runner.setup()
        sockets = bind("127.0.0.1", 0)
        for sock in sockets:
            await web.SockSite(runner, sock).start()
        sys.stdout.write(f"{origin(sockets[:1])}{worker.config.path}\n")
        sys.stdout.flush()
        waiting = asyncio.create_task(_note_waiting(process))
        while await asyncio.to_thread(sys.stdin.readline):
            await asyncio.to_thread(_await_exchanges)
            _write(process, {"at": time.time(), "objects": object_counts()})
        waiting.cancel()
        await runner.cleanup()


async def _note_waiting(file: TextIO) -> None:
    """Note how long this thread has waited for a processor since its start."""
    schedstat = Path(f"/proc/self/task/{os.getpid()}/schedstat")
    while True:
        waited_s = int(schedstat.read_text(encoding="ascii").split()[1]) / 1e9  # noqa: ASYNC240  # procfs does not block
        _write(file, {"at": time.time(), "waited_s": waited_s})
        await asyncio.sleep(_EVERY_S)


def _await_exchanges() -> None:
    """Wait for running exchanges; an exchange that never ends is counted with the objects."""
    until = time.monotonic() + 4 * MAX_WAIT_S
    for thread in threading.enumerate():
        if "exchange" in thread.name:
            thread.join(max(0.0, until - time.monotonic()))


def _write(file: TextIO, values: dict[str, Any]) -> None:
    file.write(json.dumps(values) + "\n")


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
