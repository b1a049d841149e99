"""The function behind the local host, in a process of its own: started by `stage`, ended by the end of its input.

What it sees goes into two files: its log, and samples of what it holds.
"""

import asyncio
import gc
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Container
from pathlib import Path
from typing import Any, Final, TextIO, override
from urllib.parse import urlsplit

from aiohttp import web

from bench.soak.arrivals import FUNCTION_KEY
from bench.soak.samples import Sampler
from local.host.host import Host
from local.host.invocations import current_invocation
from local.host.sockets import bind, origin
from local.host.worker import Worker

ROOT: Final = Path(__file__).resolve().parents[2]
_UPSTREAMS: Final = ("IDENTITY_ENDPOINT", "KEY_VAULT_URL", "ARR_STS_URL")
_QUIET_S: Final = 0.5  # the last exchange ends, and the callers' connections


class LogFile(logging.Handler):
    """Writes every line of every logger, whether or not Azure would get it."""

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
    ports = {urlsplit(os.environ[name]).port or 0 for name in _UPSTREAMS}
    with (directory / "log.jsonl").open("w") as log, (directory / "samples.jsonl").open("w") as samples:
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
        gc.collect()
        gc.freeze()  # what is here now stays; later collections look at the rest
        sampler = Sampler(ports, lambda sample: _write(samples, sample._asdict()))
        sampler.start()
        await _input_ends()
        await asyncio.sleep(_QUIET_S)
        await asyncio.to_thread(sampler.stop)
        await runner.cleanup()


async def _input_ends() -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait, name="soak-input", daemon=True).start()
    await ended.wait()


def _write(file: TextIO, values: dict[str, Any]) -> None:
    file.write(json.dumps(values) + "\n")


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
