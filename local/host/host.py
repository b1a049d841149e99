"""HTTP in front of the worker: what this project's function.json and host.json use of the Functions host (4.1037).

Every response here was recorded there: 401, 404, 429 and 500 of the host itself, `/`, `/admin/host/ping`, and the
refusals of the web server (`web_server`). `app_config` refuses by name every other setting of the two files.

Not imitated:

- The master key: `/admin` and `/runtime` are 401. (`func start` opens them without a key.)
- App Service and its Authentication: nobody is signed in, and `X-MS-CLIENT-PRINCIPAL` arrives as the caller sent
  it. With `WEBSITE_AUTH_ENABLED`, the real host also derives keys from that header.
- 500 while the worker process is being replaced, 503 while the host can't start, and `functionTimeout`.
- HTTP/2, TLS, HSTS, the `Server` header, and responses to malformed HTTP.
"""

import base64
import hmac
import json
import os
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from aiohttp import web
from aiohttp.http import HttpVersion11

from local.host.web_server import MAX_BODY, PARSER_LIMITS, joined, path_of, refuse_oversized
from local.host.worker import Reply, Worker

_PING = "/admin/host/ping"
_MASTER_KEY_ONLY = ("/admin/", "/runtime/")
_HOMEPAGE = "<!DOCTYPE html><title>Azure Functions</title><p>Your Functions 4.0 app is up and running.</p>"


class Host:
    def __init__(self, worker: Worker, function_key: str | None = None) -> None:
        """Without a key, none is required, as with `func start`."""
        self._worker = worker
        self._config = worker.config
        self._key = function_key if worker.config.needs_key else None
        self._outstanding = 0

    def application(self, extra_routes: Iterable[web.AbstractRouteDef] = ()) -> web.Application:
        """Make an aiohttp application: the extra routes first, `/` too if it is one of them, then the host's own."""
        application = web.Application(
            client_max_size=MAX_BODY, middlewares=[refuse_oversized], handler_args=dict(PARSER_LIMITS)
        )
        application.add_routes(extra_routes)
        application.router.add_route("*", "/{path:.*}", self._handle)
        return application

    async def _handle(self, request: web.Request) -> web.Response:
        limit = self._config.max_outstanding_requests
        if limit is not None and self._outstanding >= limit:
            return web.Response(status=HTTPStatus.TOO_MANY_REQUESTS, headers={"X-FUNCTION-SCALEOUT": "1"})
        self._outstanding += 1
        try:
            own = self._own_response(request.method, path_of(request.raw_path).lower())
            response = await self._call(request) if own is None else own
        finally:
            self._outstanding -= 1
        for name, value in self._config.custom_headers.items():
            response.headers.setdefault(name, value)
        return response

    def _own_response(self, method: str, path: str) -> web.Response | None:
        """Return None if the function is to be called."""
        if path == "/":
            return web.Response(text=_HOMEPAGE, content_type="text/html")
        if path == _PING:
            return web.Response()
        if path.startswith(_MASTER_KEY_ONLY):
            return web.Response(status=HTTPStatus.UNAUTHORIZED)
        if path.removesuffix("/") != self._config.path.lower():
            return web.Response(status=HTTPStatus.NOT_FOUND)
        if self._config.methods and method not in self._config.methods:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return None

    async def _call(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in joined(request.headers).items()}
        query = joined(request.query)
        if not _principal_is_readable(headers):
            return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        if not self._may_call(headers, query):
            return web.Response(status=HTTPStatus.UNAUTHORIZED)
        url = f"{request.scheme}://{request.host}{request.raw_path}"
        # The host drops parameters without a value.
        parameters = {name: value for name, value in query.items() if value}
        reply = await self._worker.invoke(request.method, url, headers, parameters, await request.read())
        return _from_function(reply, chunked=request.version >= HttpVersion11)

    def _may_call(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        if self._key is None:
            return True
        # An empty header counts: `code` is read only without a header.
        codes = (value for name, value in query.items() if name.lower() == "code")
        given = headers.get("x-functions-key", next(codes, ""))
        return hmac.compare_digest(given.encode(), self._key.encode())


def _principal_is_readable(headers: Mapping[str, str]) -> bool:
    """Tell whether the host can parse the principal. It parses only while App Service says that it signs users in."""
    header = headers.get("x-ms-client-principal")
    if header is None or os.environ.get("WEBSITE_AUTH_ENABLED", "").lower() != "true":
        return True
    try:
        return isinstance(json.loads(base64.b64decode(header, validate=True)), dict)
    except (ValueError, RecursionError):
        return False


def _from_function(reply: Reply, *, chunked: bool) -> web.Response:
    response = web.Response(status=reply.status, headers=reply.headers, body=reply.body)
    if reply.body and chunked:
        response.enable_chunked_encoding()
    return response
