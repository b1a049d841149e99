"""The switches for faults over HTTP, on the host's port under /local/."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from local import running_function
from local.calls_json import summary
from local.fault_text import describe
from local.services.account import SECRET_NAMES, KeyName
from local.services.faults_json import BadValueError, fault_from_json, read_number
from local.services.service import SimulatedService
from local.services.simulated_services import SimulatedServices

#: Ten years; dates of a longer lifetime are out of range.
_MAX_OFFSET_S = 315_360_000.0
_NUMBERS_IN_QUERY = frozenset({"status", "delay", "interval", "times", "skip"})


class Control:
    def __init__(self, services: SimulatedServices, restart: Callable[[], Awaitable[None]] | None = None) -> None:
        """`restart` starts the function anew, if this process runs it."""
        self._services = services
        self._restart = restart
        self._restarting = asyncio.Lock()

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
        name, service = self._service(request)
        values = _values_in_query(request) if request.query else await _body(request)
        try:
            fault = fault_from_json(values)
        except BadValueError as error:
            raise _bad_request(str(error)) from error
        service.faults.set(fault)
        return _text(f"{name} now {describe(fault)}.", self._when_noticed())

    async def _clear_fault(self, request: web.Request) -> web.Response:
        name, service = self._service(request)
        service.faults.clear()
        return _text(f"{name} answers as it should again.", _cool_down_text())

    async def _change_key(self, request: web.Request) -> web.Response:
        keys: dict[str, KeyName] = {name: name for name in SECRET_NAMES}
        key = keys.get(request.match_info["key"])
        if key is None:
            raise _bad_request(f"There is no key {request.match_info['key']}: there are {', '.join(keys)}.")
        sts = self._services.sts
        actions = {
            "rotate": (sts.rotate, f"The account has a new {key} key, and Key Vault holds it. The old one is refused."),
            "revoke": (sts.revoke, f"The STS refuses the {key} key, which Key Vault still holds."),
            "restore": (sts.restore, f"The STS accepts the {key} key again."),
        }
        change, text = actions[request.match_info["action"]]
        change(key)
        return _text(text, "" if change == sts.restore else self._when_noticed())

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
        text = f"The STS issues tokens for {options.lifetime} s; its clock is {options.clock_offset:+g} s off."
        return _text(text, self._when_noticed())

    async def _show_calls(self, _request: web.Request) -> web.Response:
        services = self._services.by_name().items()
        return web.json_response({name: summary(service.faults) for name, service in services})

    async def _reset(self, _request: web.Request) -> web.Response:
        await asyncio.to_thread(self._services.reset)
        running_function.end_cool_down()
        return _text("Everything works again: no faults, both keys accepted, tokens of 24 hours, no cool-down.")

    async def _restart_function(self, _request: web.Request) -> web.Response:
        if self._restart is not None:
            async with self._restarting:  # two restarts at the same time would mix their modules
                await self._restart()
        return _text("The function has been started anew, without a cached token. It fetches one at once.")

    async def _unknown(self, request: web.Request) -> web.Response:
        return web.Response(status=404, text=f"There is no {request.method} {request.path}: see local/README.md.\n")

    def _service(self, request: web.Request) -> tuple[str, SimulatedService]:
        services, name = self._services.by_name(), request.match_info["service"]
        if name not in services:
            raise _bad_request(f"There is no simulated service {name}: there are {', '.join(services)}.")
        return name, services[name]

    def _when_noticed(self) -> str:
        """Return the reason why the next call may not show the change."""
        if self._restart is None:
            return "The function notices at its next exchange."
        token = running_function.cached_token()
        if token is not None and time.time() - token.issued < token.expired_after:
            return "A token is cached: POST /local/restart drops it."
        return "No token is cached: the next exchange shows it."


def _cool_down_text() -> str:
    cool_down = running_function.cool_down()
    if cool_down is None:
        return ""
    left = max(cool_down.until - time.time(), 0)
    return f"The function's cool-down lasts another {left:.0f} s: POST /local/reset ends it."


def _values_in_query(request: web.Request) -> dict[str, Any]:
    """Read a fault from the query, which no shell requires to be quoted."""
    values: dict[str, Any] = dict(request.query)
    for name in _NUMBERS_IN_QUERY & set(values):
        try:
            values[name] = json.loads(values[name])
        except ValueError as error:
            raise _bad_request(f"{name} must be a number.") from error
    return values


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise _bad_request("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise _bad_request("The body is not a JSON object.")
    return body


def _text(*sentences: str) -> web.Response:
    return web.Response(text=" ".join(sentence for sentence in sentences if sentence) + "\n")


def _bad_request(text: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=f"{text}\n")
