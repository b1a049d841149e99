"""Sends a faulty response byte by byte on the request's connection, bypassing aiohttp."""

import asyncio
from email.utils import formatdate
from typing import override

from aiohttp import web

from local.services.faults import Fault


class AlreadySent(web.StreamResponse):
    """Tells aiohttp that the response has already been sent."""

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        if not keep_alive:
            self.force_close()

    @override
    async def prepare(self, request: web.BaseRequest) -> None:
        """Do nothing."""

    @override
    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing."""


async def send(request: web.BaseRequest, response: web.Response, fault: Fault) -> AlreadySent:
    """Send the response as the fault says. It already has the fault's status, headers and body."""
    transport = request.transport
    if transport is None:
        return AlreadySent(keep_alive=False)
    if fault.raw is not None:
        transport.write(fault.raw)
        return AlreadySent(keep_alive=False)
    head, body = _head(response, fault), _body(request, response)
    if fault.drop is not None:
        return _drop(transport, fault, head, body)
    await _write(transport, head, fault.interval if fault.trickle == "headers" else 0)
    await _write(transport, body, fault.interval if fault.trickle else 0)
    return AlreadySent(keep_alive=request.keep_alive)


def overlay(response: web.Response, fault: Fault) -> None:
    """Replace the response's status, headers and body by those of the fault."""
    if fault.status is not None:
        response.set_status(fault.status)
    if fault.body is not None:
        response.body = fault.body.encode() if isinstance(fault.body, str) else fault.body
    for name, value in fault.headers.items():
        if value is None:
            response.headers.popall(name, None)
        else:
            response.headers[name] = value


def _drop(transport: asyncio.Transport, fault: Fault, head: bytes, body: bytes) -> AlreadySent:
    if fault.drop == "headers":
        transport.write(head[: len(head) // 2])
    elif fault.drop == "body":
        transport.write(head + body[: len(body) // 2])
    transport.abort()
    return AlreadySent(keep_alive=False)


async def _write(transport: asyncio.Transport, data: bytes, interval: float) -> None:
    if not interval:
        transport.write(data)
        return
    for position in range(len(data)):
        if transport.is_closing():
            return
        transport.write(data[position : position + 1])
        await asyncio.sleep(interval)


def _body(request: web.BaseRequest, response: web.Response) -> bytes:
    return b"" if request.method == "HEAD" or not isinstance(response.body, bytes) else response.body


def _head(response: web.Response, fault: Fault) -> bytes:
    headers = response.headers.copy()
    removed = {name.lower() for name, value in fault.headers.items() if value is None}
    length = len(response.body) if isinstance(response.body, bytes) else 0
    for name, value in (("Content-Length", str(length)), ("Date", formatdate(usegmt=True))):
        if name.lower() not in removed:
            headers.setdefault(name, value)
    lines = [f"HTTP/1.1 {response.status} {response.reason}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
