"""Who calls when, and how: fixed before the run, whatever the answers are."""

import random
from collections.abc import Iterator
from typing import Final, NamedTuple

from bench.soak.kinds import CANARY
from bench.soak.plan import Plan

FUNCTION_KEY: Final = "soak-function-key"
_MIN_VALIDITIES: Final = ("0", "1", "5", "0040", "900", "82800")
_BAD_VALIDITIES: Final = ("-1", "1.5", "82801", "9" * 60, "0x10", "1e3", " 5", "٣", f"{CANARY}", "5,5")
_VECTORS: Final = ("gKXl1CkeG0mRb6HEtMUmHQ.7", f"{CANARY} x", "A" * 129, "gKXl1CkeG0mRb6HEtMUmH!", "")
_BURST_EVERY_S: Final = 9.0
_KINDS: Final = {"plain": 80, "no-cache": 6, "min-validity": 6, "bad": 3, "leaves": 2, "method": 2, "keyless": 1}


class Arrival(NamedTuple):
    """One request; ``at`` in seconds from the start, ``leaves_after`` in seconds from the sending."""

    at: float
    kind: str
    method: str
    query: dict[str, str]
    headers: dict[str, str]
    leaves_after: float | None


def arrivals(plan: Plan) -> Iterator[Arrival]:
    """Yield a Poisson process of the plan's rate, and a burst of half a second's requests now and then."""
    rng = random.Random(f"arrivals {plan.seed}")
    at, burst_at = 0.0, rng.uniform(0.2, 1) * _BURST_EVERY_S
    while (at := at + rng.expovariate(plan.rate)) < plan.seconds:
        yield _arrival(rng, at)
        if at > burst_at:
            burst_at += rng.uniform(0.5, 1.5) * _BURST_EVERY_S
            yield from [_arrival(rng, at) for _ in range(int(plan.rate / 2))]


def _arrival(rng: random.Random, at: float) -> Arrival:
    (kind,) = rng.choices(list(_KINDS), list(_KINDS.values()))
    method, query, leaves_after = "GET", {}, None
    headers = {"x-functions-key": FUNCTION_KEY}
    if kind == "no-cache":
        headers["Cache-Control"] = rng.choice(("no-cache", "max-age=0, No-Cache"))
    elif kind == "min-validity":
        query["minValidity"] = rng.choice(_MIN_VALIDITIES)
    elif kind == "bad":
        query["minValidity"] = rng.choice(_BAD_VALIDITIES)
    elif kind == "leaves":
        leaves_after = rng.uniform(0.01, 0.5)
    elif kind == "method":
        method = rng.choice(("POST", "HEAD", "OPTIONS", "PUT"))
    elif kind == "keyless":
        headers.clear()
    if rng.random() < 1 / 3:
        headers["MS-CV"] = rng.choice(_VECTORS)
    return Arrival(at, kind, method, query, headers, leaves_after)
