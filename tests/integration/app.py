"""One loaded function, from the point of view of its callers and operators."""

import asyncio
import json
import time
from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

from local.host.azure_log import AzureLogHandler
from local.host.worker import Worker
from tests import function_threads

DAY_S = 86_400  # the lifetime of the STS's tokens
_PATIENCE_S = 5.0  # normally milliseconds


class Response:
    """A response as a caller gets it. The names of its headers are in lower case."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.json: dict[str, Any] = json.loads(body)

    @property
    def code(self) -> str:
        """The problem's code, or ok."""
        return str(self.json.get("code", "ok"))

    @property
    def retry_after(self) -> int:
        """Seconds."""
        return int(self.headers["retry-after"])


class ShiftedTime:
    """Replaces the module ``time`` in the function's clock."""

    def __init__(self) -> None:
        self.monotonic_s = self.wall_s = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.monotonic_s

    def time(self) -> float:
        return time.time() + self.wall_s


class App:
    """One loaded function."""

    def __init__(self, worker: Worker, log: AzureLogHandler, clock: ShiftedTime) -> None:
        self._worker = worker
        self._log = log
        self._clock = clock

    async def get(self, query: Mapping[str, str] | None = None, /, **headers: str) -> Response:
        """Call it; ``cache_control="no-cache"`` becomes the header Cache-Control."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        reply = await self._worker.invoke("GET", "http://localhost/api/GetArrToken", sent, query)
        assert reply.error is None
        return Response(reply.status, reply.headers, reply.body)

    def advance(self, seconds: float, *, monotonic: bool = True, wall: bool = True) -> None:
        """Move the function's clocks."""
        clock = self._clock
        clock.monotonic_s += seconds if monotonic else 0.0
        clock.wall_s += seconds if wall else 0.0

    async def expire(self) -> None:
        """Have a token cached and let it expire, so that the next request waits for an exchange of its own."""
        await self.get()
        self.advance(DAY_S)

    async def exchanges_end(self) -> None:
        """Wait until no exchange's thread is left."""
        assert await asyncio.to_thread(function_threads.end, within_s=_PATIENCE_S)

    @property
    def lines(self) -> list[str]:
        """The log as Azure gets it."""
        return [line.text for line in self._log.delivered]

    @property
    def lost(self) -> list[str]:
        """The lines that were logged outside a request's task; Azure loses them."""
        return [line.text for line in self._log.lost]


class Load(Protocol):
    """Loads the function with the simulated services' settings; keyword arguments replace some, None removes one."""

    def __call__(self, **settings: str | None) -> Awaitable[App]: ...
