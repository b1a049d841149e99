"""Composition root: builds everything once from the environment, and is the only module that reads it."""

import os
import threading
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

from shared.api.audit_log import AuditLog, silence_libraries
from shared.api.handler import Handler, MisconfiguredHandler
from shared.clock import system_clock
from shared.errors import Misconfigured
from shared.imports import without_garbage_collection
from shared.settings import Settings, read_settings
from shared.tokens.cache import TokenCache
from shared.tokens.exchange import MAX_THREADS, Exchange, run_in_thread
from shared.tokens.issued_token import IssuedToken

if TYPE_CHECKING:
    from shared.upstreams.token_source import TokenSource


def build() -> Handler | MisconfiguredHandler:
    """Return the handler of this process, with its first exchange under way. Raises nothing for invalid settings."""
    silence_libraries()
    audit_log = AuditLog()
    try:
        settings = read_settings(os.environ)
    except Misconfigured as error:
        return MisconfiguredHandler(error, audit_log)
    cache = TokenCache(
        partial(run_in_thread, run=_token_source(settings), slots=threading.BoundedSemaphore(MAX_THREADS)),
        refresh_after_s=settings.refresh_after_s,
        min_validity_s=settings.min_validity_s,
        max_wait_s=settings.max_wait_s,
        clock=system_clock,
        on_finished=audit_log.exchange_finished,
    )
    cache.ensure_exchange("load")
    return Handler(settings, cache, audit_log)


def _token_source(settings: Settings) -> Callable[[Exchange], IssuedToken]:
    """Return what runs an exchange. Its thread imports the Azure SDKs, so that loading the function stays quick."""

    @cache
    def source() -> "TokenSource":
        with without_garbage_collection():
            from shared.upstreams.token_source import TokenSource  # noqa: PLC0415  # slow to import
        return TokenSource(settings, system_clock)

    return lambda exchange: source().issue(exchange)
