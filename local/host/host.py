"""HTTP in front of the worker: what this project's function.json and host.json use of the Functions host.

It is no second Functions host: `app_config` refuses by name whatever else these files may say.
"""

import hmac
from collections.abc import Iterable

from aiohttp import web
from multidict import MultiMapping

from local.host.worker import Reply, Worker


class Host:
    def __init__(self, worker: Worker, function_key: str | None = None) -> None:
        """Without a key, none is asked for, as with `func start`."""
        self._worker = worker
        self._config = worker.config
        self._key = function_key if worker.config.needs_key else None

    def application(self, extra_routes: Iterable[web.AbstractRouteDef] = ()) -> web.Application:
        """Make an aiohttp application: the extra routes, and everything else goes to the function's route."""
        application = web.Application()
        application.add_routes(extra_routes)
        application.router.add_route("*", "/{path:.*}", self._handle)
        return application

    async def _handle(self, request: web.Request) -> web.Response:
        if not self._routes(request):
            return web.Response(status=404)
        if not self._may_call(request):
            return web.Response(status=401)
        reply = await self._worker.invoke(
            request.method,
            f"{request.scheme}://{request.host}{request.raw_path}",
            {name.lower(): value for name, value in _joined(request.headers).items()},
            # The host drops parameters without a value.
            {name: value for name, value in _joined(request.query).items() if value},
            await request.read(),
        )
        return self._response(reply)

    def _routes(self, request: web.Request) -> bool:
        path = request.path.removesuffix("/").lower()
        return path == self._config.path.lower() and (
            not self._config.methods or request.method in self._config.methods
        )

    def _may_call(self, request: web.Request) -> bool:
        if self._key is None:
            return True
        given = request.headers.get("x-functions-key") or request.query.get("code", "")
        return hmac.compare_digest(given.encode(), self._key.encode())

    def _response(self, reply: Reply) -> web.Response:
        response = web.Response(status=reply.status, headers=reply.headers, body=reply.body)
        for name, value in self._config.custom_headers.items():
            response.headers.setdefault(name, value)
        return response


def _joined(values: MultiMapping[str]) -> dict[str, str]:
    """Repeated names, in whatever case, give one value with commas, as the host's StringValues.ToString() does."""
    joined: dict[str, str] = {}
    spelling: dict[str, str] = {}
    for name, value in values.items():
        first = spelling.setdefault(name.lower(), name)
        joined[first] = f"{joined[first]},{value}" if first in joined else value
    return joined
