"""The worker's reply to an invocation, and its results."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class LoadError(Exception):
    """The worker could not load or run the function. The message is the worker's."""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes
    invocation_id: str
    # The function's exception; it goes to the log, never to the caller.
    error: str | None = None


def check(result: Any) -> None:
    """Raise LoadError with the worker's text unless the result says success."""
    if result.status != type(result).Success:
        raise LoadError(f"{result.exception.message}\n{result.exception.stack_trace}".strip())


def read_reply(invocation_id: str, value: Any) -> Reply:
    """Read the function's return value; `value` is a TypedData."""
    if value.WhichOneof("data") != "http" or value.http.cookies:
        raise TypeError("the local host only supports a returned HttpResponse without cookies")
    body = value.http.body
    content = body.bytes if body.WhichOneof("data") == "bytes" else body.string.encode()
    return Reply(int(value.http.status_code), dict(value.http.headers), content, invocation_id)
