"""Serves the page, and sends it each change as a server-sent event."""

import asyncio
import json
import time
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from local.page import snapshot
from local.page.history import History
from local.services.simulated_services import SimulatedServices

_FOLDER = Path(__file__).parent
_FILES = {
    "index.html": "text/html",
    "page.css": "text/css",
    "page.js": "text/javascript",
    "diagram.js": "text/javascript",
    "switches.js": "text/javascript",
    "token.js": "text/javascript",
    "words.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
#: Delay between a change and its event: too short to be noticed.
_LOOK_EVERY_S = 0.1
#: Interval of comments, with which a closed page is noticed.
_BEAT_EVERY_S = 15.0
_HEADERS = {
    "Cache-Control": "no-store",
    # The page neither loads from another origin nor sends to it.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Page:
    def __init__(self, services: SimulatedServices, history: History) -> None:
        self._services = services
        self._history = history

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self._index),
            web.get("/local/page/{file}", self._file),
            web.get("/local/events", self._events),
        ]

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return _send("index.html")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["file"] not in _FILES:
            raise web.HTTPNotFound
        return _send(request.match_info["file"])

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Send each part of the snapshot at once, and again after each change."""
        response = web.StreamResponse(headers=_HEADERS | {"Content-Type": "text/event-stream"})
        await response.prepare(request)
        sent: dict[str, str] = {}
        silent_since_s = time.monotonic()
        # The connection is closed, so no page is left.
        while request.transport is not None and not request.transport.is_closing():
            parts = {name: json.dumps(part) for name, part in snapshot.take(self._services, self._history).items()}
            message = "".join(_event(name, text) for name, text in parts.items() if sent.get(name) != text)
            if not message and time.monotonic() - silent_since_s > _BEAT_EVERY_S:
                message = ": still here\n\n"
            if message:
                silent_since_s = time.monotonic()
                with suppress(ConnectionError):
                    await response.write(message.encode())
            sent = parts
            await asyncio.sleep(_LOOK_EVERY_S)
        return response


def _event(name: str, text: str) -> str:
    """`now` tells a page on another device the difference between the clocks."""
    return f'event: {name}\ndata: {{"now": {time.time():.3f}, "{name}": {text}}}\n\n'


def _send(name: str) -> web.Response:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return web.Response(text=text, content_type=_FILES[name], charset="utf-8", headers=_HEADERS)
