"""The floor: an answer of the real one's shape, with no work behind it."""

import azure.functions as func

_BODY = b"x" * 1_415  # as long as GetArrToken's body on the simulated services; the measurement checks it
_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "MS-CV": "D4VT2KdmTbKq+8feqDLkGw.0",
    "Age": "0",
}


async def main(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:  # noqa: ARG001  # as the real one
    """Answer one request."""
    return func.HttpResponse(_BODY, headers={**_HEADERS, "x-ms-request-id": context.invocation_id})
