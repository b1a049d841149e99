"""The events since the start: exchanges with their upstream calls, callers' requests, log lines."""

import itertools
import json
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from aiohttp import web

from local import running_function
from local.host.azure_log import LogLine
from local.running_function import LiveExchange
from local.services.faults import Call
from local.services.simulated_services import SimulatedServices

_EXCHANGES_KEPT = 12
_REQUESTS_KEPT = 50
_LINES_KEPT = 100


class UpstreamCall(NamedTuple):
    """A call of an exchange, and the name of the called service."""

    service: str
    call: Call


@dataclass(eq=False)
class Exchange:
    """The upstream calls of one exchange; `live` is None for calls outside an exchange.

    `outcome` (the log's field: `ok` or a code) and `seconds` are None until it completes.
    """

    number: int
    started: float
    live: LiveExchange | None = field(repr=False)
    calls: list[UpstreamCall] = field(default_factory=list)
    outcome: str | None = None
    seconds: float | None = None

    def end(self, outcome: str, seconds: float) -> None:
        self.outcome, self.seconds = outcome, seconds


@dataclass(eq=False)
class Request:
    """A caller's request to the function. `code` is the problem's."""

    started: float
    status: int | None = None
    seconds: float | None = None
    code: str | None = None
    age: str | None = None


class ShownLine(NamedTuple):
    number: int
    at: float
    line: LogLine
    lost: bool


class History:
    """Thread-safe: calls begin in the services' thread, log lines come from any."""

    def __init__(self, services: SimulatedServices, function_path: str) -> None:
        self._function_path = function_path.lower()
        self._lock = threading.Lock()
        self._exchanges: deque[Exchange] = deque(maxlen=_EXCHANGES_KEPT)
        self._requests: deque[Request] = deque(maxlen=_REQUESTS_KEPT)
        self._lines: deque[ShownLine] = deque(maxlen=_LINES_KEPT)
        self._numbers = itertools.count(1)
        for name, service in services.by_name().items():
            service.faults.on_call = partial(self._call_begins, name)

    def exchanges(self) -> list[Exchange]:
        """Return the exchanges, oldest first."""
        with self._lock:
            return list(self._exchanges)

    def requests(self) -> list[Request]:
        """Return the requests, oldest first."""
        with self._lock:
            return list(self._requests)

    def lines(self) -> list[ShownLine]:
        """Return the log lines, oldest first."""
        with self._lock:
            return list(self._lines)

    def add_line(self, line: LogLine, lost: bool) -> None:
        with self._lock:
            self._lines.append(ShownLine(next(self._numbers), time.time(), line, lost))

    @web.middleware
    async def record_request(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Record a request to the function and its response."""
        if request.path.removesuffix("/").lower() != self._function_path:
            return await handler(request)
        begun, entry = time.perf_counter(), Request(time.time())
        with self._lock:
            self._requests.append(entry)
        try:
            response = await handler(request)
            entry.status, entry.age = response.status, response.headers.get("Age")
            entry.code = _problem_code(response)
            return response
        finally:
            entry.seconds = time.perf_counter() - begun

    def _call_begins(self, service: str, call: Call) -> None:
        live = running_function.live_exchange()
        with self._lock:
            current = self._exchanges[-1] if self._exchanges else None
            if current is None or current.live != live:
                current = Exchange(next(self._numbers), call.started, live)
                self._exchanges.append(current)
                if live is not None:
                    live.when_done(current.end)
            current.calls.append(UpstreamCall(service, call))


def _problem_code(response: web.StreamResponse) -> str | None:
    if not isinstance(response, web.Response) or response.content_type != "application/problem+json":
        return None
    problem = json.loads(response.body if isinstance(response.body, bytes) else b"{}")
    return str(problem.get("code"))
