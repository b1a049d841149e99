"""Base of the three simulated services: a port on 127.0.0.1, faults, and the record of calls."""

import asyncio
import contextlib
import logging
import ssl
import time
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from typing import Any

from aiohttp import web

from local.services import wire
from local.services.certificates import untrusted_server_context
from local.services.faults import Call, Fault, Faults

_ADDRESS = "127.0.0.1"
_FIRST_ERROR = 300
# For calls from another thread to the services' loop; normally milliseconds.
_PATIENCE_S = 10.0
_log = logging.getLogger(__name__)


class SimulatedService(ABC):
    """One server on the loop of `SimulatedServices`. Call public methods from other threads than that loop's."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.faults = Faults()
        self.port = 0
        self._context = context
        self._presents_untrusted = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handlers: web.Server | None = None
        self._listener: asyncio.Server | None = None

    @property
    def origin(self) -> str:
        return f"{'http' if self._context is None else 'https'}://{_ADDRESS}:{self.port}"

    @property
    def url(self) -> str:
        """Value of the function's setting for this service."""
        return self.origin

    @abstractmethod
    async def respond(self, request: web.BaseRequest) -> web.Response:
        """Respond as the real service would."""

    @abstractmethod
    def error(self, status: int) -> web.Response:
        """Return the real service's response with this error status."""

    def reset(self) -> None:
        """Restore the state after the start."""
        self.faults.reset()
        if self._listener is None or self._presents_untrusted:
            self.refuse()
            self.accept()

    def refuse(self) -> None:
        """Close the port, so that connections are refused, and abort those that are open."""
        self._run(self._close_listener())

    def accept(self) -> None:
        """Open the same port again."""
        self._presents_untrusted = False
        self._run(self._open_listener(self._context))

    def present_untrusted_certificate(self) -> None:
        """Present a certificate that no client trusts, until `accept()` or `reset()`."""
        self.refuse()
        self._presents_untrusted = True
        self._run(self._open_listener(untrusted_server_context()))

    async def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listen on a free port. On the simulated services' loop."""
        self._loop = loop
        # Without handler_cancellation a hanging handler would outlive its client.
        self._handlers = web.Server(self._handle, handler_cancellation=True, access_log=None, logger=_log)
        await self._open_listener(self._context)

    async def stop(self) -> None:
        """On the simulated services' loop."""
        await self._close_listener()
        if self._handlers is not None:
            await self._handlers.shutdown(timeout=0.1)

    async def _open_listener(self, context: ssl.SSLContext | None) -> None:
        if self._listener is not None:
            await self._close_listener()
        if self._handlers is None:
            raise RuntimeError("not started")
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._handlers, _ADDRESS, self.port, ssl=context, backlog=512)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _close_listener(self) -> None:
        if self._listener is None:
            return
        listener, self._listener = self._listener, None
        with contextlib.suppress(NotImplementedError):  # on Windows
            for socket in listener.sockets:
                asyncio.get_running_loop().remove_reader(socket)
        # Let the last accepted connection get its transport: asyncio leaves it open if the listener is closed before.
        await asyncio.sleep(0)
        listener.close()
        listener.abort_clients()
        await asyncio.sleep(0)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        if self._loop is None:
            work.close()
            raise RuntimeError("not started")
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        call = Call(request.method, request.path, request.query, request.headers)
        fault, begun = self.faults.begin(call), time.perf_counter()
        try:
            if fault is None:
                response = await self.respond(request)
                _note(call, response)
                return response
            await asyncio.sleep(fault.delay)
            response = await self._before_overlay(request, fault)
            wire.overlay(response, fault)
            if fault.raw is None and fault.drop != "before":
                _note(call, response)
            return await wire.send(request, response, fault)
        finally:
            call.seconds = time.perf_counter() - begun

    async def _before_overlay(self, request: web.BaseRequest, fault: Fault) -> web.Response:
        if fault.status is None or fault.status < _FIRST_ERROR:
            return await self.respond(request)
        return self.error(fault.status)


def _note(call: Call, response: web.Response) -> None:
    call.status, call.response_headers = response.status, response.headers.copy()
