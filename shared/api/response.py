"""The SDK's response with a plain dict of headers, which costs the worker less than the SDK's header map."""

from typing import Final, override

import azure.functions as func

CONTENT_TYPE: Final = "content-type"  # the SDK's converter asks for this spelling; a plain dict distinguishes case


class Response(func.HttpResponse):
    """A response whose headers and body go out as they are. ``headers`` must have ``content-type`` in lower case."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        super().__init__(body, status_code=status)
        self._plain_headers = headers

    @property
    @override
    def headers(self) -> dict[str, str]:  # type: ignore[override]  # the worker only looks up and iterates
        return self._plain_headers
