"""The HTTP-triggered function: docs/contract.md says what it promises."""

import azure.functions as func

from shared.imports import without_garbage_collection

with without_garbage_collection():
    from shared.composition import build

_HANDLER = build()


async def main(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """Answer one request."""
    return await _HANDLER.answer(req, context.invocation_id)
