"""Contract section 5: never two live exchanges, and none before it is needed or the cool-down is over.

All of it from the calls that the simulated services saw. An exchange makes one call at a time, so simultaneous calls,
or in an order that one exchange can't make, are of two.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from bench.soak.evidence import OK, Evidence
from bench.soak.record import Seen
from bench.soak.verdict import Verdict

_OVERLAP_S: Final = 0.01  # a call has ended here before its answer leaves
_HANG_UP_S: Final = 0.1  # a client that turned away from a faulty answer is noticed this late
_EDGE_S: Final = 0.1  # a fault at the moment of a call
_FIRST_COOL_DOWN_S: Final = 0.9  # 1 s, less a tenth by jitter
_LONGEST_COOL_DOWN_S: Final = 54.0
_LEAST_USE_S: Final = 1.0  # the plan's shortest lives, less the minimum
_EXCHANGE: Final = re.compile(r"exchange outcome=(?P<outcome>\S+) .* seconds=(?P<seconds>\S+)")
_LOGGED_LATE_S: Final = 0.3  # the next request writes the line
_FINAL_STATUSES: Final = {
    "identity": {400, 403, 404, 429},
    "key-vault": {429},
    "sts": {202, 204, 302, 400, 404, 429},
}


def judge_overlap(evidence: Evidence) -> Verdict:
    """No two calls at the same time; the STS is called next by who has read a key."""
    calls = _calls(evidence)
    breaches = []
    latest: Seen | None = None
    for seen in calls:
        if latest is not None and seen.call.started < _end(latest) - _tolerance_s(latest):
            breaches.append(f"{_when(evidence, seen)}: {seen.service} called while {latest.service} was being called")
        if latest is None or _end(seen) > _end(latest):
            latest = seen
    for before, seen in pairwise(calls):
        read_a_key = before.service == "key-vault" and _good(before)
        undisturbed = not _disturbed(evidence, "sts", before.call.started, seen.call.started)
        if read_a_key and seen.service != "sts" and undisturbed:
            breaches.append(f"{_when(evidence, seen)}: {seen.service} called when the STS's turn was")
    return Verdict("never two live exchanges", f"{len(calls):,} upstream calls", breaches)


def judge_pauses(evidence: Evidence) -> Verdict:
    """No exchange sooner than a new token ages, or than the cool-down of a failure ends; Retry-After kept."""
    refresh_s = 0.9 * evidence.plan.lifetimes.refresh_after
    breaches, failures, kept = [], 0, 0
    for before, seen in pairwise(_calls(evidence)):
        pause_s, least_s = seen.call.started - before.call.started, 0.0
        if before.service == "sts" and before.call.status == OK:
            failures = 0
        if before.service == "sts" and _good(before):
            least_s = 0.0 if _is_dead(before, evidence) else min(refresh_s, _LEAST_USE_S)
        elif _fails_for_good(before):
            least_s = max(min(_FIRST_COOL_DOWN_S * 2.0**failures, _LONGEST_COOL_DOWN_S), _retry_after_s(before))
            failures += 1
        kept += least_s > 0
        if pause_s < least_s - _OVERLAP_S:
            breaches.append(f"{_when(evidence, seen)}: {pause_s:.2f} s after {_what(before)}, at least {least_s:.2f} s")
    breaches += _too_soon_by_log(evidence)
    return Verdict("no exchange too soon", f"{kept} pauses", breaches)


def _too_soon_by_log(evidence: Evidence) -> Iterator[str]:
    """Yield the same by the function's log: a port that refuses sees no call."""
    failures, ended = 0, 0.0
    for line in evidence.lines:
        if match := _EXCHANGE.fullmatch(line.text):
            pause_s = line.at - float(match["seconds"]) - ended
            least_s = min(_FIRST_COOL_DOWN_S * 2.0 ** (failures - 1), _LONGEST_COOL_DOWN_S) if failures else 0.0
            if pause_s < least_s - _LOGGED_LATE_S - evidence.noise_s(ended, ended + _LOGGED_LATE_S):
                at_s = line.at - evidence.played.started
                yield f"{at_s:.2f} s: {line.text[:60]} {pause_s:.2f} s after failure {failures}"
            failures, ended = (0 if match["outcome"] == "ok" else failures + 1), line.at


def _calls(evidence: Evidence) -> list[Seen]:
    return sorted(evidence.played.record.calls, key=lambda seen: seen.call.started)


def _end(seen: Seen) -> float:
    return seen.call.started + (float("inf") if seen.call.seconds is None else seen.call.seconds)


def _tolerance_s(seen: Seen) -> float:
    if seen.fault is None:
        return _OVERLAP_S
    return _HANG_UP_S + (seen.fault.interval if seen.fault.trickle else 0.0)


def _good(seen: Seen) -> bool:
    return seen.fault is None and seen.call.status == OK


def _is_dead(seen: Seen, evidence: Evidence) -> bool:
    """Tell whether the token of an STS call was issued when tokens were dead on arrival."""
    lives = (
        issue.life
        for issue in evidence.issues.values()
        if 0 <= issue.at - seen.call.started <= (seen.call.seconds or 0)
    )
    return any(life is not None and life <= 0 for life in lives)


def _fails_for_good(seen: Seen) -> bool:
    """Tell whether the exchange can't go on after this call: no retry, no other key."""
    fault = seen.fault
    if fault is None or fault.status is None or seen.call.status is None:
        return False
    if fault.status == OK:
        return seen.service == "sts" and fault.body is not None
    return fault.status in _FINAL_STATUSES[seen.service] or _retry_after_s(seen) > 0


def _retry_after_s(seen: Seen) -> int:
    return int((seen.fault and seen.fault.headers.get("Retry-After")) or 0)


def _disturbed(evidence: Evidence, lane: str, begin: float, end: float) -> bool:
    weather = (one for one in evidence.played.weather if one.band.kind.lane == lane)
    return any(one.begin - _EDGE_S < end and begin < one.end + _EDGE_S for one in weather)


def _what(seen: Seen) -> str:
    return f"{seen.service}'s {seen.call.status}"


def _when(evidence: Evidence, seen: Seen) -> str:
    return f"{seen.call.started - evidence.played.started:.2f} s"
