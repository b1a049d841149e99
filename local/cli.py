"""Starts the stack, makes one call, and stays until Ctrl-C."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from local import environment, report
from local.control import Control
from local.host.app_config import UnsupportedConfigurationError
from local.host.azure_log import AzureLogHandler
from local.host.host import Host
from local.host.sockets import bind, origin
from local.host.worker import LoadError, Worker
from local.options import Options, parse

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from local.services.simulated_services import SimulatedServices

APP_DIR = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str]) -> int:
    """Return the exit status; usage errors exit by themselves."""
    options = parse(arguments)
    sockets = [] if options.env and options.once else bind(options.host, options.port)
    try:
        return asyncio.run(_run(options, sockets))
    except (UnsupportedConfigurationError, LoadError, aiohttp.ClientError) as error:
        sys.stderr.write(f"python -m local: {error}\n")
        return 1
    except KeyboardInterrupt:  # before the stack listens for it
        return 1
    finally:
        for sock in sockets:
            sock.close()


async def _run(options: Options, sockets: list[socket.socket]) -> int:
    stop = _stop_signal()
    with environment.simulated_services_for(os.environ, public_cas=options.env) as services:
        os.environ.update(environment.settings(os.environ, services))
        if options.env:
            return await _show_settings(options, sockets, services, stop)
        return await _run_function(options, sockets, services, stop)


async def _show_settings(
    options: Options, sockets: list[socket.socket], services: SimulatedServices, stop: asyncio.Event
) -> int:
    report.print_settings(environment.shown(os.environ, services))
    if not options.once:
        async with AsyncExitStack() as stack:
            application = web.Application()
            application.add_routes(Control(services).routes())
            await _serve(stack, application, sockets)
            report.print_control(origin(sockets))
            await stop.wait()
    return 0


async def _run_function(
    options: Options, sockets: list[socket.socket], services: SimulatedServices, stop: asyncio.Event
) -> int:
    worker = Worker(APP_DIR)
    handler = AzureLogHandler(worker.running, report.print_log_line)
    # The worker's own level and place.
    logging.getLogger().setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    async with AsyncExitStack() as stack:
        report.print_start(origin(sockets) + worker.config.path)
        started = time.time()
        await worker.load()
        await _serve(stack, Host(worker, options.key).application(Control(services, worker.restart).routes()), sockets)
        call = asyncio.ensure_future(_call(origin(sockets) + worker.config.path, options.key))
        await _first(call, stop)
        if not call.done():
            call.cancel()
            return 1
        answer = call.result()
        report.print_answer(answer)
        report.print_upstream(answer, services, started)
        if options.once:
            return 0 if answer.token else 1
        report.print_usage(origin(sockets), worker.config.path, options.key, options.host)
        await stop.wait()
    return 0


async def _call(url: str, key: str | None) -> report.Answer:
    headers = {} if key is None else {"x-functions-key": key}
    begun = time.perf_counter()
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        body = await response.read()
    return report.Answer(response.status, response.headers, body, time.perf_counter() - begun)


async def _first(call: asyncio.Future[report.Answer], stop: asyncio.Event) -> None:
    stopped = asyncio.ensure_future(stop.wait())
    waited_for: set[asyncio.Future[Any]] = {call, stopped}
    await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()


async def _serve(stack: AsyncExitStack, application: web.Application, sockets: list[socket.socket]) -> None:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5, logger=logging.getLogger("local.host"))
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    for sock in sockets:
        await web.SockSite(runner, sock, backlog=512).start()


def _stop_signal() -> asyncio.Event:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    # signal.signal: Windows' event loop has no add_signal_handler.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    return stop
