"""The limits of the web server in front of the Functions host (Kestrel), and its parsing of a request."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import MultiMapping

# Kestrel's defaults; sizes in bytes.
_MAX_REQUEST_LINE: Final = 8_192
_MAX_HEADERS_TOTAL: Final = 32_768
_MAX_HEADER_COUNT: Final = 100
_LINE_EXTRA: Final = len("  HTTP/1.1\r\n")
_FIELD_EXTRA: Final = len(": \r\n")
# The Functions host's own limit: 100 MB.
MAX_BODY: Final = 104_857_600
# Above the limits here; aiohttp would respond 400 instead.
PARSER_LIMITS: Final[Mapping[str, Any]] = {"max_line_size": 1 << 20, "max_field_size": 1 << 20, "max_headers": 10_000}


@web.middleware
async def refuse_oversized(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse requests that Kestrel refuses: a status without a body, then the connection is closed."""
    status = _refusal(request)
    if status is None:
        return await handler(request)
    response = web.Response(status=status)
    response.force_close()
    return response


def _refusal(request: web.Request) -> HTTPStatus | None:
    if len(request.method) + len(request.raw_path) + _LINE_EXTRA > _MAX_REQUEST_LINE:
        return HTTPStatus.REQUEST_URI_TOO_LONG
    fields = request.raw_headers
    total = sum(len(name) + len(value) + _FIELD_EXTRA for name, value in fields)
    if len(fields) > _MAX_HEADER_COUNT or total > _MAX_HEADERS_TOTAL:
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    try:
        for _, value in fields:
            value.decode("utf-8")
    except UnicodeDecodeError:
        return HTTPStatus.BAD_REQUEST
    return None


def path_of(target: str) -> str:
    """Return the path of a request target: decoded except for %2F, then without dot segments."""
    kept: list[str] = []
    for encoded in target.partition("?")[0].split("/"):
        segment = unquote(encoded).replace("/", "%2F")
        if segment == "..":
            kept = kept[:-1] or kept
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept)


def joined(values: MultiMapping[str]) -> dict[str, str]:
    """Join the values of a name, whatever its case, with commas; empty ones are left out.

    The last spelling of a name is kept, as observed in ASP.NET Core.
    """
    spellings: dict[str, str] = {}
    texts: dict[str, list[str]] = {}
    for name, value in values.items():
        spellings[name.lower()] = name
        texts.setdefault(name.lower(), []).append(value)
    return {spellings[name]: ",".join(filter(None, parts)) for name, parts in texts.items()}
