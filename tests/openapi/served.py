"""The function behind HTTP: the local host on a port of its own, which requires a function key."""

import asyncio
import threading
from typing import Self

import requests
from aiohttp import web

from local.host.host import Host
from tests.integration.app import Load

KEY = "made-up-key"
_PATIENCE_S = 10.0  # normally milliseconds


class Served:
    """One loaded function on a loop in a thread of its own, so that a test may call it with blocking code."""

    def __init__(self, load: Load, settings: dict[str, str | None]) -> None:
        self.url = ""
        self._load = load
        self._settings = settings
        self._up = threading.Event()
        self._over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def call(self, method: str = "GET", query: dict[str, str] | None = None, /, **headers: str) -> requests.Response:
        """Call it; ``cache_control="no-cache"`` becomes the header Cache-Control."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(method, f"{self.url}/api/GetArrToken", params=query, headers=sent, timeout=_PATIENCE_S)

    def get(self, query: dict[str, str] | None = None, /, **headers: str) -> requests.Response:
        """Get a token with the key."""
        return self.call("GET", query, x_functions_key=KEY, **headers)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._up.wait(_PATIENCE_S)
        assert self.url
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(_PATIENCE_S)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._up.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        app = await self._load(**self._settings)
        runner = web.AppRunner(Host(app._worker, KEY).application(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = "http://{}:{}".format(*runner.addresses[0])
        self._up.set()
        await self._over.wait()
        await runner.cleanup()
