"""What tests of the handler share."""

import logging

import azure.functions as func
import pytest

from shared.api.handler import Handler
from shared.settings import read_settings
from tests.unit.support import ENVIRONMENT, CacheHarness, http_request


class HandlerHarness:
    """A handler over a stage that holds a token, and what it has logged."""

    def __init__(self, caplog: pytest.LogCaptureFixture, value: str = "ey.J.x", **environ: str) -> None:
        caplog.set_level(logging.DEBUG)
        self.stage = CacheHarness()
        self.caplog = caplog
        self.handler = Handler(read_settings(ENVIRONMENT | environ), self.stage.cache)
        self.stage.hold(value=value)
        self.stage.cache.journal.clear()

    async def ask(self, headers: dict[str, str] | None = None, **query: str) -> func.HttpResponse:
        """Return the answer to a request."""
        return await self.handler.answer(http_request(headers, **query), "request-id")

    @property
    def lines(self) -> list[str]:
        """What was logged, oldest first."""
        return [record.getMessage() for record in self.caplog.records]
