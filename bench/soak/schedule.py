"""Makes the plan of a run out of its seed."""

import math
import random
from typing import Any, Final

from bench.soak import kinds
from bench.soak.kinds import DECK, Kind
from bench.soak.plan import Band, Issuing, Lifetimes, Plan, Storm, longest_cool_down
from local.services.faults import Fault

HEALTHY_S: Final = 0.8  # an exchange without faults (some 0.2 s), and a machine that has other things to do
_PAUSES_S: Final = 0.9  # of the two retries of an upstream, at their longest
_CALM_AT_FIRST_S: Final = 1.0
_PATIENCE_RUN_S: Final = 90.0  # shorter runs have no room for half a minute of it
_PATIENCE_S: Final = 31  # a held token has to be 30 s old before `no-cache` and `minValidity` mean anything
_PATIENCE_LIFETIME_S: Final = 80
_LENGTHS_S: Final = ((0.6, 0.85), (1.0, 1.3), (1.0, 1.3), (1.3, 2.6), (2.8, 6.0))
_SHORT_LENGTHS: Final = 4  # of them, for runs that have no room for patience
_IDENTITY_LENGTHS_S: Final = (
    2.2,
    2.65,
)  # it is asked only once an exchange has failed, and that one's cool-down is over
_LIFETIMES_S: Final = (1, 2, 3, 3, 4, 4, 5, 6, 8, 12)
_SHORT_LIVES_S, _LONG_LIVES_S = (1, 1, 2), (8, 12, 16)  # the short ones beyond the minimum
_OFFSETS_S: Final = (0.0, 0.0, -2.5, 60.0, -3_600.0, 86_400.0, -31_536_000.0, 31_536_000.0)


def make(seed: int, seconds: float, rate: float) -> Plan:
    """Return the run of a seed."""
    rng = random.Random(f"plan {seed}")
    lifetimes = Lifetimes(rng.choice((1, 1, 1, 2)), rng.choice((1, 2)), rng.choice((1, 1, 1, 2)))
    storms = _storms(rng, seconds, lifetimes)
    return Plan(seed, seconds, rate, lifetimes, storms, _issuing(rng, seconds, storms, lifetimes))


def _storms(rng: random.Random, seconds: float, lifetimes: Lifetimes) -> tuple[Storm, ...]:
    storms: list[Storm] = []
    deck: list[tuple[str, kinds.Make]] = []
    patient = seconds < _PATIENCE_RUN_S
    at = _CALM_AT_FIRST_S
    while True:
        patience = not patient and at > seconds / 3
        storm = _patience(at, lifetimes) if patience else _storm(rng, _draw(rng, deck), at, lifetimes, seconds)
        calm_again = storm.end + storm.recovery_s
        if calm_again > seconds:
            return tuple(storms)
        storms.append(storm)
        patient = patient or patience
        at = calm_again + rng.uniform(0.0, 0.5)


def _draw(rng: random.Random, deck: list[tuple[str, kinds.Make]]) -> list[Kind]:
    """Take one to three kinds, of different lanes, from the deck, which is shuffled anew when it runs out."""
    drawn: dict[str, Kind] = {}
    for _ in range(rng.choice((1, 2, 2, 3, 3))):
        if not deck:
            deck.extend(rng.sample(DECK, len(DECK)))
        found = next((card for card in deck if card[0] not in drawn), None)
        if found is not None:
            deck.remove(found)
            drawn[found[0]] = found[1](rng, found[0])
    return list(drawn.values())


def _storm(rng: random.Random, drawn: list[Kind], begin: float, lifetimes: Lifetimes, seconds: float) -> Storm:
    lengths = _LENGTHS_S if seconds >= _PATIENCE_RUN_S else _LENGTHS_S[:_SHORT_LENGTHS]
    length = rng.uniform(*_IDENTITY_LENGTHS_S if drawn[0].lane == "identity" else rng.choice(lengths))
    bands = [Band(drawn[0], begin, begin + length)]
    for kind in drawn[1:]:
        first = begin + rng.uniform(0, 0.5) * length
        bands.append(Band(kind, first, min(begin + length, first + rng.uniform(0.5, 1) * length)))
    return _with_recovery(bands, lifetimes)


def _with_recovery(bands: list[Band], lifetimes: Lifetimes) -> Storm:
    outage_s = max(band.end for band in bands) - min(band.begin for band in bands)
    cool_down_s = longest_cool_down(outage_s, max(band.kind.retry_after_s for band in bands))
    # The last exchange of the outage may end after it: by its retries' pauses, or at its deadline.
    lingers = any(band.kind.lingers for band in bands)
    ends_s = lifetimes.exchange if lingers else _PAUSES_S * sum(band.kind.retried for band in bands)
    # Where no exchange failed, the next one comes when the held token ages.
    return Storm(tuple(bands), max(ends_s + cool_down_s, 1.1 * lifetimes.refresh_after) + HEALTHY_S, cool_down_s)


def _patience(begin: float, lifetimes: Lifetimes) -> Storm:
    headers: dict[str, str | None] = {"Retry-After": str(_PATIENCE_S)}
    codes = frozenset({"sts-throttled"})
    fault = Fault(status=429, headers=headers)
    kind = Kind(lane="sts", name=f"429 for {_PATIENCE_S} s", codes=codes, fault=fault, retry_after_s=_PATIENCE_S)
    # The token that is held when it begins has a long life, and is replaced at least once within the band.
    first = begin + 1.1 * lifetimes.refresh_after + HEALTHY_S
    return _with_recovery([Band(kind, first, first + 1.1 * lifetimes.refresh_after + 0.5)], lifetimes)


def _issuing(
    rng: random.Random, seconds: float, storms: tuple[Storm, ...], lifetimes: Lifetimes
) -> tuple[Issuing, ...]:
    at, states = -math.inf, []
    while at < seconds:
        options: dict[str, Any] = {
            "lifetime": rng.choice(_LIFETIMES_S),
            "clock_offset": rng.choice(_OFFSETS_S),
            "exp_as_string": rng.random() < 1 / 4,
            "sends_ms_cv": rng.random() < 3 / 4,
            "claims": {"exp": None} if rng.random() < 1 / 10 else {},
        }
        states.append(Issuing(at, options))
        at = max(at, 0.0) + rng.uniform(1.5, 5.0)
    short = True
    for storm in storms:
        # By turns with a token that outlives the storm, and with one that ends within it.
        life = rng.choice(_SHORT_LIVES_S) + lifetimes.min_validity if short else rng.choice(_LONG_LIVES_S)
        first = storm.begin - 1.1 * lifetimes.refresh_after - HEALTHY_S
        options = {"lifetime": _PATIENCE_LIFETIME_S if _is_patience(storm) else life, "claims": {}}
        held = max((state for state in states if state.begin <= first), key=lambda state: state.begin)
        states = [_within(state, first, storm.end, options) for state in [*states, held._replace(begin=first)]]
        short = not short
    return tuple(sorted(states, key=lambda state: state.begin))


def _is_patience(storm: Storm) -> bool:
    return any(band.kind.retry_after_s == _PATIENCE_S for band in storm.bands)


def _within(state: Issuing, begin: float, end: float, options: dict[str, Any]) -> Issuing:
    return state._replace(options=state.options | options) if begin <= state.begin <= end else state
