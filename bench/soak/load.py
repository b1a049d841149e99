"""The callers, in a process of their own: each request is sent at its planned time, whatever happened to earlier ones.

`run` starts it with the plan's numbers. Its input names the address and the time; it writes the responses to a file.
"""

import asyncio
import hashlib
import json
import sys
import time
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, TextIO

import aiohttp

from bench.soak.plan import LOAD_BEGINS_S, Arrival, Plan

_PATIENCE_S: Final = 20.0  # longer than any response may take, so that a late one is seen as late
_TICK_S: Final = 0.05


class _Callers:
    def __init__(self, url: str, started: float, file: TextIO) -> None:
        self._url = url
        self._started = started
        self._file = file

    async def send(self, arrivals: Iterable[Arrival]) -> None:
        """Send requests, over connections that are closed afterwards."""
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
        async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as tasks:
            for arrival in arrivals:
                await asyncio.sleep(self._started + arrival.at - time.time())
                tasks.create_task(self._call(session, arrival))

    async def _call(self, session: aiohttp.ClientSession, arrival: Arrival) -> None:
        result: dict[str, Any] = {"kind": arrival.kind, "planned": self._started + arrival.at, "sent": time.time()}
        timeout = aiohttp.ClientTimeout(total=arrival.leaves_after or _PATIENCE_S)
        try:
            async with session.request(
                arrival.method, self._url, params=arrival.query, headers=arrival.headers, timeout=timeout
            ) as response:
                body = (await response.read()).decode("utf-8", "replace")
            headers = {name.lower(): value for name, value in response.headers.items()}
            result |= {"status": response.status, "headers": headers, **_without_token(response.status, body)}
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            result["error"] = "left" if arrival.leaves_after else type(error).__name__
        self._write(result | {"done": time.time()})

    async def tick(self) -> None:
        """Record the lateness of this process."""
        while True:
            due = time.time() + _TICK_S
            await asyncio.sleep(_TICK_S)
            if (late_s := time.time() - due) > _TICK_S / 2:
                self._write({"at": due, "late_s": late_s})

    def _write(self, values: dict[str, Any]) -> None:
        self._file.write(json.dumps(values) + "\n")


def _without_token(status: int, body: str) -> dict[str, str]:
    """Replace the access token in its field by a placeholder, and return its digest; the rest of the body stays."""
    try:
        token = json.loads(body)["AccessToken"] if status == HTTPStatus.OK else None
    except (ValueError, KeyError, TypeError):
        token = None
    if not isinstance(token, str):
        return {"body": body}
    return {"body": body.replace(token, "TOKEN", 1), "token": hashlib.sha256(token.encode()).hexdigest()}


async def _run(plan: Plan, file: TextIO) -> None:
    arrivals = list(plan.arrivals())
    url, started = (await asyncio.to_thread(sys.stdin.readline)).split()
    callers = _Callers(url, float(started), file)
    ticks = asyncio.create_task(callers.tick())
    await callers.send(arrival for arrival in arrivals if arrival.at < LOAD_BEGINS_S)
    await callers.send(arrival for arrival in arrivals if arrival.at >= LOAD_BEGINS_S)
    ticks.cancel()


if __name__ == "__main__":
    _seed, _seconds, _rate, _directory = sys.argv[1:]
    with (Path(_directory) / "responses.jsonl").open("w") as _file:
        asyncio.run(_run(Plan(int(_seed), float(_seconds), float(_rate)), _file))
