"""The function behind the local host, in a process of its own: started by `run`, ended by the end of its input.

It counts its objects for each line of input and at the end.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Container
from pathlib import Path
from typing import Final, override

from aiohttp import web

from bench.soak.plan import FUNCTION_KEY, MAX_WAIT_S
from bench.soak.waiting import note_waiting
from local.host.host import Host
from local.host.invocations import current_invocation
from local.host.worker import Worker
from tests import function_threads
from tests.leaks import object_counts

ROOT: Final = Path(__file__).resolve().parents[2]


class _Json(logging.Formatter):
    """Makes a line of JSON of each record, also of those that Azure would lose."""

    def __init__(self, running: Container[str]) -> None:
        super().__init__()
        self._running = running

    @override
    def format(self, record: logging.LogRecord) -> str:
        invocation_id = current_invocation()
        line = {
            "at": record.created,
            "request": invocation_id,
            "delivered": invocation_id is not None and invocation_id in self._running,
            "logger": record.name,
            "level": record.levelno,
            "text": super().format(record),
        }
        return json.dumps(line)


async def _serve(directory: Path) -> None:
    worker = Worker(ROOT)
    log = logging.FileHandler(directory / "log.jsonl")
    log.setFormatter(_Json(worker.running))
    logging.basicConfig(level=logging.INFO, handlers=[log])  # the worker's own level
    await worker.load()
    runner = web.AppRunner(Host(worker, FUNCTION_KEY).application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    print(f"http://{host}:{port}{worker.config.path}", flush=True)
    with (directory / "host.jsonl").open("w") as process:
        waiting = asyncio.create_task(note_waiting(process))
        line = "count"
        while line:
            line = await asyncio.to_thread(sys.stdin.readline)
            # An exchange that never ends is counted with the objects.
            await asyncio.to_thread(function_threads.end, within_s=4 * MAX_WAIT_S)
            process.write(json.dumps({"objects": object_counts()}) + "\n")
        waiting.cancel()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
