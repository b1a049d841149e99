"""Starts the stack, makes one call, and stays until Ctrl-C."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from socket import socket
from typing import Any

import aiohttp
from aiohttp import web

from local import addresses, environment, report
from local.control import Control
from local.host.app_config import UnsupportedConfigurationError
from local.host.azure_log import AzureLogHandler, LogLine
from local.host.host import Host
from local.host.sockets import bind, origin
from local.host.worker import LoadError, Worker
from local.options import Options, parse
from local.page.history import History
from local.page.routes import Page
from local.same_origin import same_origin_only
from local.services.simulated_services import SimulatedServices

APP_DIR = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str]) -> int:
    """Return the exit status; usage errors exit by themselves."""
    options = parse(arguments)
    sockets = bind(options.host, options.port)
    try:
        return asyncio.run(_run(options, sockets))
    except (UnsupportedConfigurationError, LoadError, aiohttp.ClientError) as error:
        sys.stderr.write(f"python -m local: {error}\n")
        return 1
    except KeyboardInterrupt:  # it comes before the stack handles it
        return 1
    finally:
        for sock in sockets:
            sock.close()


async def _run(options: Options, sockets: list[socket]) -> int:
    stop = _stop_signal()
    with environment.simulated_services_for(os.environ, public_cas=options.env) as services:
        remarks = list(environment.remarks(os.environ, services))
        if options.env:
            report.print_remarks(remarks)
            return await _show_settings(sockets, services, stop)
        report.print_start()
        report.print_remarks(remarks)
        os.environ.update(environment.settings(os.environ, services))
        return await _run_function(options, sockets, services, stop)


async def _show_settings(sockets: list[socket], services: SimulatedServices, stop: asyncio.Event) -> int:
    settings = environment.shown(os.environ, services)
    report.print_settings(settings, environment.winning(os.environ, settings))
    async with AsyncExitStack() as stack:
        application = web.Application(middlewares=[same_origin_only()])
        application.add_routes(Control(services).routes())
        await _serve(stack, application, sockets)
        report.print_fault_commands(origin(sockets), with_restart=False)
        await stop.wait()
    return 0


async def _run_function(
    options: Options, sockets: list[socket], services: SimulatedServices, stop: asyncio.Event
) -> int:
    worker = Worker(APP_DIR)
    history = History(services, worker.config.path)
    log = _Log(history, quiet=not options.verbose)
    # The worker uses this level and this logger.
    logging.getLogger().setLevel(logging.INFO)
    logging.getLogger().addHandler(AzureLogHandler(worker.running, log.add))
    async with AsyncExitStack() as stack:
        started = time.time()
        await worker.load()
        routes = [*Page(services, history).routes(), *Control(services, worker.restart).routes()]
        application = Host(worker, options.key).application(routes)
        application.middlewares.extend((same_origin_only(worker.config.path), history.record_request))
        await _serve(stack, application, sockets)
        call = asyncio.ensure_future(_call(origin(sockets) + worker.config.path, options.key))
        await _first(call, stop)
        if not call.done():
            call.cancel()
            return 1
        response = call.result()
        report.print_response(response, verbose=options.verbose)
        report.print_upstream(services, started)
        if options.once:
            return 0 if response.token else 1
        _print_addresses(options, sockets, worker.config.path)
        log.quiet = False
        await stop.wait()
    return 0


class _Log:
    """Keeps log lines for the page and prints them, but not while the terminal shows the first call."""

    def __init__(self, history: History, *, quiet: bool) -> None:
        self.quiet = quiet
        self._history = history

    def add(self, line: LogLine, lost: bool) -> None:
        self._history.add_line(line, lost)
        if not self.quiet:
            report.print_log_line(line, lost)


def _print_addresses(options: Options, sockets: list[socket], path: str) -> None:
    others = addresses.reached_by(options.host)
    if others is not None:
        report.print_lan(others, sockets[0].getsockname()[1], path)
    report.print_usage(origin(sockets), path, options.key)


async def _call(url: str, key: str | None) -> report.FunctionResponse:
    headers = {} if key is None else {"x-functions-key": key}
    begun = time.perf_counter()
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        body = await response.read()
    return report.FunctionResponse(response.status, response.headers, body, time.perf_counter() - begun)


async def _first(call: asyncio.Future[report.FunctionResponse], stop: asyncio.Event) -> None:
    stopped = asyncio.ensure_future(stop.wait())
    waited_for: set[asyncio.Future[Any]] = {call, stopped}
    await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()


async def _serve(stack: AsyncExitStack, application: web.Application, sockets: list[socket]) -> None:
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
