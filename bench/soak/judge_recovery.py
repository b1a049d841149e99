"""Contract section 5: whom faults reach, as what, and for how long."""

import bisect
import math
from collections.abc import Iterator
from typing import Final

from bench.soak.evidence import Answer, Evidence
from bench.soak.judge_answers import STATUS
from bench.soak.judge_tokens import spare_s
from bench.soak.plan import Storm
from bench.soak.record import Issue
from bench.soak.verdict import Verdict

_EDGE_S: Final = 0.25  # the answer is read a little later than given
_NEW_S: Final = 29.5  # up to an age of 30 s, `no-cache` is served from the held token
_CALLERS_OWN: Final = "invalid-request"


def judge_recovery(evidence: Evidence) -> Verdict:
    """After each storm, problems end and a newly issued token is handed out, within the longest cool-down."""
    breaches, recoveries = [], []
    for storm in evidence.plan.storms:
        _, end = evidence.span(storm)
        recovered = next(_handed_out_since(evidence, end), math.inf)
        recoveries.append((recovered - end, storm.recovery_s))
        if recovered > end + storm.recovery_s + evidence.noise_s(end, end + storm.recovery_s):
            breaches.append(f"{_name(storm)}: no new token {storm.recovery_s:.1f} s after its end")
    longest = max(recoveries, default=(0.0, 0.0))
    looked_at = f"{len(recoveries)} outages, longest {longest[0]:.1f} s of {longest[1]:.1f} s"
    return Verdict("recovery within the longest cool-down", looked_at, breaches)


def judge_reasons(evidence: Evidence) -> Verdict:
    """Each problem is one that the faults of its time may cause, and tells nobody to wait for longer than need be."""
    breaches = []
    problems = [answer for answer in _problems(evidence) if answer.outcome != _CALLERS_OWN]
    for answer in problems:
        storms = list(_storms_around(evidence, answer))
        if not any(answer.outcome in storm.codes for storm in storms):
            if evidence.noise_s(answer.sent, answer.done) < evidence.plan.lifetimes.max_wait / 2:
                breaches.append(f"{_when(evidence, answer)}, {answer.kind}: {answer.outcome} without a reason")
            continue
        longest_s = math.ceil(max(storm.longest_cool_down_s for storm in storms))
        if int(answer.headers.get("retry-after", "0")) > longest_s:
            breaches.append(f"{_when(evidence, answer)}: Retry-After {answer.headers['retry-after']} of {longest_s}")
    return Verdict("no problem without a reason", f"{len(problems):,} problems", breaches)


def judge_held(evidence: Evidence) -> Verdict:
    """While a held token is usable, no fault reaches a caller, except one who sent `no-cache` and has an old one."""
    answers = sorted(evidence.answers, key=lambda answer: answer.done)
    issues = evidence.played.record.issues
    order = {issue.token: index for index, issue in enumerate(issues)}
    landed = [(done, order[issue.token]) for done, issue in _first_of_each(answers, evidence)]
    breaches = []
    problems = [answer for answer in _problems(evidence) if answer.outcome != _CALLERS_OWN]
    for answer in problems:
        newest = max((index for done, index in landed if done < answer.sent), default=None)
        if newest is None:
            continue
        last = bisect.bisect(issues, answer.done, key=lambda issue: issue.at)
        # Its age counts from before the connection to the STS, which the STS does not see.
        room_s = _EDGE_S + evidence.noise_s(answer.sent, answer.done)
        spares = [spare_s(evidence, issue, answer.done - issue.asked + room_s) for issue in issues[newest:last]]
        oldest_s = answer.done - issues[newest].at
        if min(spares) > 0 and (answer.kind != "no-cache" or oldest_s < _NEW_S):
            breaches.append(f"{_when(evidence, answer)}, {answer.kind}: {answer.outcome} beside a usable token")
    return Verdict("no fault reaches a caller past a usable token", f"{len(problems):,} problems", breaches)


def _problems(evidence: Evidence) -> list[Answer]:
    return [answer for answer in evidence.answers if answer.outcome in STATUS]


def _first_of_each(answers: list[Answer], evidence: Evidence) -> Iterator[tuple[float, Issue]]:
    seen: set[str] = set()
    for answer in answers:
        if answer.token in evidence.issues and answer.token not in seen:
            seen.add(answer.token)
            yield answer.done, evidence.issues[answer.token]


def _handed_out_since(evidence: Evidence, since: float) -> Iterator[float]:
    issued = {digest for digest, issue in evidence.issues.items() if issue.at >= since}
    return iter(sorted(answer.done for answer in evidence.answers if answer.token in issued))


def _storms_around(evidence: Evidence, answer: Answer) -> Iterator[Storm]:
    for storm in evidence.plan.storms:
        begin, end = evidence.span(storm)
        if begin - _EDGE_S <= answer.done and answer.sent <= end + storm.recovery_s + _EDGE_S:
            yield storm


def _name(storm: Storm) -> str:
    return " + ".join(f"{band.kind.lane} {band.kind.name}" for band in storm.bands)


def _when(evidence: Evidence, answer: Answer) -> str:
    return f"{answer.sent - evidence.played.started:.2f} s"
