"""The fault switches over HTTP, on the host's port under /local/."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from local.calls_json import summary
from local.services.account import SECRET_NAMES, KeyName
from local.services.faults_json import BadValueError, fault_from_json, read_number

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from local.services.service import SimulatedService
    from local.services.simulated_services import SimulatedServices

#: Ten years: beyond, dates get out of range.
_MAX_OFFSET_S = 315_360_000.0


class Control:
    def __init__(self, services: SimulatedServices, restart: Callable[[], Awaitable[None]] | None = None) -> None:
        """`restart` starts the function anew, if this process runs it."""
        self._services = services
        self._restart = restart

    def routes(self) -> list[web.RouteDef]:
        return [
            web.put("/local/faults/{service}", self._set_fault),
            web.delete("/local/faults/{service}", self._clear_fault),
            web.post("/local/keys/{key}/{action:rotate|revoke|restore}", self._change_key),
            web.put("/local/sts", self._set_options),
            web.get("/local/calls", self._show_calls),
            web.post("/local/reset", self._reset),
            *([web.post("/local/restart", self._restart_function)] if self._restart else []),
            web.route("*", "/local/{rest:.*}", self._unknown),
        ]

    async def _set_fault(self, request: web.Request) -> web.Response:
        service = self._service(request)
        try:
            fault = fault_from_json(await _body(request))
        except BadValueError as error:
            raise _bad_request(str(error)) from error
        service.faults.set(fault)
        return _ok()

    async def _clear_fault(self, request: web.Request) -> web.Response:
        self._service(request).faults.clear()
        return _ok()

    async def _change_key(self, request: web.Request) -> web.Response:
        keys: dict[str, KeyName] = {name: name for name in SECRET_NAMES}
        key = keys.get(request.match_info["key"])
        if key is None:
            raise _bad_request(f"There is no key {request.match_info['key']}: there are {', '.join(keys)}.")
        sts = self._services.sts
        actions = {"rotate": sts.rotate, "revoke": sts.revoke, "restore": sts.restore}
        actions[request.match_info["action"]](key)
        return _ok()

    async def _set_options(self, request: web.Request) -> web.Response:
        values = await _body(request)
        limits = {"lifetime": (1.0, _MAX_OFFSET_S), "clock_offset": (-_MAX_OFFSET_S, _MAX_OFFSET_S)}
        try:
            checked = {name: read_number(name, values[name], *limits[name]) for name in values}
        except KeyError as error:
            raise _bad_request(f"{error.args[0]} is no option: there are lifetime and clock_offset.") from error
        except BadValueError as error:
            raise _bad_request(str(error)) from error
        options = self._services.sts.options
        options.lifetime = int(checked.get("lifetime", options.lifetime))
        options.clock_offset = checked.get("clock_offset", options.clock_offset)
        return _ok()

    async def _show_calls(self, _request: web.Request) -> web.Response:
        services = self._services.by_name().items()
        return web.json_response({name: summary(service.faults) for name, service in services})

    async def _reset(self, _request: web.Request) -> web.Response:
        await asyncio.to_thread(self._services.reset)
        return _ok()

    async def _restart_function(self, _request: web.Request) -> web.Response:
        if self._restart is not None:
            await self._restart()
        return _ok()

    async def _unknown(self, request: web.Request) -> web.Response:
        return web.Response(status=404, text=f"There is no {request.method} {request.path}: see local/README.md.\n")

    def _service(self, request: web.Request) -> SimulatedService:
        services, name = self._services.by_name(), request.match_info["service"]
        if name not in services:
            raise _bad_request(f"There is no simulated service {name}: there are {', '.join(services)}.")
        return services[name]


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise _bad_request("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise _bad_request("The body is not a JSON object.")
    return body


def _ok() -> web.Response:
    return web.Response(text="done\n")


def _bad_request(text: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=f"{text}\n")
