"""Builds everything once, from the environment; the only place that reads it."""

import os
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

from shared.api.audit_log import silence_libraries
from shared.api.handler import Handler, MisconfiguredHandler
from shared.clock import system_clock
from shared.errors import Misconfigured
from shared.settings import Settings, read_settings
from shared.tokens.cache import Lifetimes, TokenCache
from shared.tokens.exchange import Exchange, launch
from shared.tokens.issued_token import IssuedToken

if TYPE_CHECKING:
    from shared.upstreams.token_source import TokenSource


def build() -> Handler | MisconfiguredHandler:
    """Return the handler of this process, with its first exchange under way. Raises nothing for bad settings."""
    silence_libraries()
    try:
        settings = read_settings(os.environ)
    except Misconfigured as error:
        return MisconfiguredHandler(error)
    lifetimes = Lifetimes(
        refresh_after_s=settings.refresh_after_s,
        min_validity_s=settings.min_validity_s,
        max_wait_s=settings.max_wait_s,
    )
    tokens = TokenCache(partial(launch, run=_issuer(settings)), lifetimes, system_clock)
    tokens.start("load")
    return Handler(settings, tokens)


def _issuer(settings: Settings) -> Callable[[Exchange], IssuedToken]:
    """Return what runs an exchange; its thread imports the Azure SDKs, so that loading the function stays quick."""

    @cache
    def broker() -> "TokenSource":
        from shared.upstreams.token_source import TokenSource  # noqa: PLC0415

        return TokenSource(settings, system_clock)

    return lambda exchange: broker().issue(exchange)
