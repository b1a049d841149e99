"""Shared by the tests of the handler."""

import logging

import azure.functions as func
import pytest

from shared.api.audit_log import AuditLog
from shared.api.handler import Handler
from shared.settings import read_settings
from shared.tokens.exchange import ExchangeResult
from tests.unit.support import ENVIRONMENT, CacheHarness, http_request


class HandlerHarness:
    """A handler over a cache with a token, and its log lines."""

    def __init__(
        self,
        caplog: pytest.LogCaptureFixture,
        *,
        value: str = "ey.J.x",
        max_wait_s: float = 10,
        environ: dict[str, str] | None = None,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        self.caplog = caplog
        self.audit_log = AuditLog()
        self.cache_harness = CacheHarness(on_finished=self._queue, max_wait_s=max_wait_s)
        self.cache_harness.fill(value=value)
        self.audit_log = AuditLog()  # without the line of the exchange at load
        self.handler = Handler(read_settings(ENVIRONMENT | (environ or {})), self.cache_harness.cache, self.audit_log)

    def _queue(self, result: ExchangeResult) -> None:
        self.audit_log.exchange_finished(result)

    async def ask(self, headers: dict[str, str] | None = None, **query: str) -> func.HttpResponse:
        """Return the response to a request."""
        return await self.handler.answer(http_request(headers, **query), "request-id")

    @property
    def lines(self) -> list[str]:
        """The logged lines, oldest first."""
        return [record.getMessage() for record in self.caplog.records]
