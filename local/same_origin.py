"""Refuses requests that a web page of another origin caused."""

import ipaddress
import socket
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Middleware
from yarl import URL

_SAFE_METHODS = frozenset({"GET", "HEAD"})


def same_origin_only(function_path: str | None = None) -> Middleware:
    """Make the middleware. It does not guard the function itself, as in Azure.

    The owner of a name can point it at this machine (DNS rebinding); an address and `localhost` can't be changed.
    """
    unguarded = (function_path or "").lower()

    @web.middleware
    async def guard(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if unguarded and request.path.removesuffix("/").lower() == unguarded:
            return await handler(request)
        if not _is_this_machine(request.headers.get("Host", "")):
            return _refusal("This host name is not this machine's: use localhost or its IP address.")
        if request.method not in _SAFE_METHODS and not _same_origin(request):
            return _refusal("A page of another origin sent this.")
        return await handler(request)

    return guard


def _is_this_machine(host: str) -> bool:
    try:
        name = URL(f"http://{host}").host or ""
    except ValueError:
        return False
    own = {"localhost", socket.gethostname().lower()}
    return name.lower() in own or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same_origin(request: web.Request) -> bool:
    """Tell whether it comes from a page of this origin, or from a program that is no browser, such as curl."""
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin == f"{request.scheme}://{request.headers.get('Host', '')}"
    return request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}


def _refusal(text: str) -> web.Response:
    return web.Response(status=HTTPStatus.FORBIDDEN, text=f"{text}\n")
