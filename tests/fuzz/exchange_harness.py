"""Runs one whole exchange with the simulated services and checks its result."""

import threading
import time
from typing import Final, NamedTuple

from azure.keyvault.secrets._shared import http_challenge_cache

from local.services.simulated_services import SimulatedServices
from shared.clock import system_clock
from shared.settings import Settings
from shared.tokens.exchange import Exchange
from shared.upstreams.token_source import TokenSource
from tests.fuzz.profiles import LIMIT_S
from tests.fuzz.results import check, code_of, result_of
from tests.fuzz.rubbish import ECHO

_MOST_BYTES: Final = 16_000_000  # of both ends


class FinishedExchange(NamedTuple):
    """The problem's code or "ok", and the duration."""

    code: str
    seconds: float


def run_exchange(settings: Settings, services: SimulatedServices, limit_s: float = LIMIT_S) -> FinishedExchange:
    """Run an exchange as its own thread and watchdog would; exceptions that are not the contract's propagate."""
    http_challenge_cache.clear()
    source = TokenSource(settings, system_clock, back_off_s=(0.0, 0.0))
    exchange = Exchange("request", limit_s, system_clock)
    watchdog = threading.Timer(limit_s, exchange.abort)
    watchdog.start()
    began = time.perf_counter()
    try:
        result = result_of(lambda: source.issue(exchange), most_bytes=_MOST_BYTES)
    finally:
        watchdog.cancel()
    seconds = time.perf_counter() - began
    if exchange.result.done():  # aborted: a late result is discarded
        result = exchange.result.result()
    check(result, [ECHO, services.identity.header, *services.identity._issued, *services.sts.issued])
    return FinishedExchange(code_of(result), seconds)
