"""The callers, in a process of their own: each request is sent at its planned time, whatever happened to earlier ones.

`run` starts it with the plan's numbers, the address and the time of its first request.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, TextIO

import aiohttp

from bench.soak.plan import LOAD_BEGINS_S, Arrival, Plan
from bench.soak.waiting import note_waiting

_PATIENCE_S: Final = 20.0  # longer than any response may take, so that a late one is seen as late


async def _send(url: str, started: float, arrivals: Iterable[Arrival], file: TextIO) -> None:
    """Send requests, over connections that are closed afterwards."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as tasks:
        for arrival in arrivals:
            planned = started + arrival.at
            await asyncio.sleep(planned - time.time())
            tasks.create_task(_call(session, url, planned, arrival, file))


async def _call(session: aiohttp.ClientSession, url: str, planned: float, arrival: Arrival, file: TextIO) -> None:
    result: dict[str, Any] = {"kind": arrival.kind, "planned": planned, "sent": time.time()}
    timeout = aiohttp.ClientTimeout(total=arrival.leaves_after or _PATIENCE_S)
    try:
        async with session.get(url, params=arrival.query, headers=arrival.headers, timeout=timeout) as response:
            result["body"] = (await response.read()).decode("utf-8", "replace")
        result["headers"] = {name.lower(): value for name, value in response.headers.items()}
        result["status"] = response.status
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        result["error"] = "left" if arrival.leaves_after else type(error).__name__
    file.write(json.dumps(result | {"done": time.time()}) + "\n")


async def _run(plan: Plan, url: str, started: float, file: TextIO) -> None:
    arrivals = list(plan.arrivals())
    waiting = asyncio.create_task(note_waiting(file))
    await _send(url, started, (one for one in arrivals if one.at < LOAD_BEGINS_S), file)
    await _send(url, started, (one for one in arrivals if one.at >= LOAD_BEGINS_S), file)
    waiting.cancel()


if __name__ == "__main__":
    _seed, _seconds, _rate, _url, _started, _directory = sys.argv[1:]
    with (Path(_directory) / "load.jsonl").open("w") as _file:
        asyncio.run(_run(Plan(int(_seed), float(_seconds), float(_rate)), _url, float(_started), _file))
