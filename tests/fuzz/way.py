"""One whole exchange with the simulated services, checked from the outside."""

import threading
import time
from typing import Final, NamedTuple

from azure.keyvault.secrets._shared import http_challenge_cache

from local.services.simulated_services import SimulatedServices
from shared.clock import system_clock
from shared.settings import Settings
from shared.tokens.exchange import Exchange
from shared.upstreams.token_source import TokenSource
from tests.fuzz.outcomes import check, code_of, outcome_of
from tests.fuzz.profiles import LIMIT_S
from tests.fuzz.rubbish import ECHO

_MOST_BYTES: Final = 16_000_000  # of both ends


class Exchanged(NamedTuple):
    """An exchange's problem, or "ok", and how long it took."""

    code: str
    seconds: float


def exchanged(settings: Settings, services: SimulatedServices, limit_s: float = LIMIT_S) -> Exchanged:
    """Run an exchange as its own thread and watchdog would; errors that are not the contract's go on."""
    http_challenge_cache.clear()
    source = TokenSource(settings, system_clock, back_off_s=(0.0, 0.0))
    exchange = Exchange("request", limit_s, system_clock)
    watchdog = threading.Timer(limit_s, exchange.abort)
    watchdog.start()
    began = time.perf_counter()
    try:
        outcome = outcome_of(lambda: source.issue(exchange), most_bytes=_MOST_BYTES)
    finally:
        watchdog.cancel()
    seconds = time.perf_counter() - began
    if exchange.result.done():  # aborted: a late result is discarded
        outcome = exchange.result.result()
    check(outcome, [ECHO, services.identity.header, *services.identity._issued, *services.sts.issued])
    return Exchanged(code_of(outcome), seconds)
