"""The callers, in a process of their own: each request goes out at its time, whatever became of those before it.

Started by `stage` with the plan's numbers; begins when its input says where and when, and writes what it got to a file.
"""

import asyncio
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any, Final, TextIO

import aiohttp

from bench.soak.arrivals import Arrival, arrivals
from bench.soak.schedule import make

_PATIENCE_S: Final = 20.0  # beyond any answer's time, so that a late one is seen as what it is
_TICK_S: Final = 0.05


class _Callers:
    def __init__(self, session: aiohttp.ClientSession, url: str, file: TextIO) -> None:
        self._session = session
        self._url = url
        self._file = file

    async def call(self, index: int, arrival: Arrival, planned: float) -> None:
        result: dict[str, Any] = {"index": index, "kind": arrival.kind, "planned": planned, "sent": time.time()}
        timeout = aiohttp.ClientTimeout(total=arrival.leaves_after or _PATIENCE_S)
        try:
            async with self._session.request(
                arrival.method, self._url, params=arrival.query, headers=arrival.headers, timeout=timeout
            ) as response:
                body = (await response.read()).decode("utf-8", "replace")
            result |= {
                "status": response.status,
                "headers": _headers(response),
                **_without_token(response.status, body),
            }
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            result["error"] = "left" if arrival.leaves_after else type(error).__name__
        self.write(result | {"done": time.time()})

    def write(self, values: dict[str, Any]) -> None:
        self._file.write(json.dumps(values) + "\n")

    async def tick(self) -> None:
        """Note by how much this process is late itself."""
        while True:
            due = time.time() + _TICK_S
            await asyncio.sleep(_TICK_S)
            late = time.time() - due
            if late > _TICK_S / 2:
                self.write({"tick": due, "late": late})


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _without_token(status: int, body: str) -> dict[str, str]:
    """Put the token's digest in the place where the token belongs; wherever else it stands, it stays."""
    try:
        token = json.loads(body)["AccessToken"] if status == 200 else None  # noqa: PLR2004 - as it is called
    except (ValueError, KeyError, TypeError):
        token = None
    if not isinstance(token, str):
        return {"body": body}
    return {"body": body.replace(token, "TOKEN", 1), "token": hashlib.sha256(token.encode()).hexdigest()}


async def _run(seed: int, seconds: float, rate: float, file: TextIO) -> None:
    planned = list(arrivals(make(seed, seconds, rate)))
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
    url, started = (await asyncio.to_thread(sys.stdin.readline)).split()
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        callers = _Callers(session, url, file)
        ticks = asyncio.create_task(callers.tick())
        tasks: set[asyncio.Task[None]] = set()
        for index, arrival in enumerate(planned):
            due = float(started) + arrival.at
            if (pause := due - time.time()) > 0:
                await asyncio.sleep(pause)
            task = asyncio.create_task(callers.call(index, arrival, due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
        ticks.cancel()


def main(seed: str, seconds: str, rate: str, directory: str) -> None:
    """Call, and write the file."""
    with (Path(directory) / "answers.jsonl").open("w") as file:
        asyncio.run(_run(int(seed), float(seconds), float(rate), file))


if __name__ == "__main__":
    main(*sys.argv[1:])
