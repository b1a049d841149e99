"""Contract section 5: every token that was handed out had its least life left, and what was said of it is true."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from bench.soak.evidence import OK, Answer, Evidence
from bench.soak.record import Issue
from bench.soak.verdict import Verdict

#: Between the moment when the STS wrote its answer and the moment when the function saw it; the life that the STS's
#: Date and exp tell is in whole seconds, and taken as told.
ROOM_S: Final = 0.5
_SAID_S: Final = 1.0  # Age and ExpiresIn are whole seconds
_BORN_SPENT_S: Final = 30.0


def judge_life(evidence: Evidence) -> Verdict:
    """Hold what was left of each token, when the function wrote its audit line, against the minimum."""
    handed_out = {line.request: line.at for line in evidence.lines if line.text.startswith("token-request outcome=ok")}
    breaches, least = [], float("inf")
    tokens = [answer for answer in evidence.answers if answer.status == OK]
    for answer in tokens:
        issue = evidence.issues.get(answer.token or "")
        at = handed_out.get(answer.headers.get("x-ms-request-id"))
        if issue is None or at is None:
            breaches.append(
                f"request {answer.index}: a token that the STS never issued, or an answer without audit line"
            )
            continue
        left_s = spare_s(evidence, issue, at - issue.at)
        least = min(least, left_s)
        if left_s < -ROOM_S - evidence.noise_s(issue.at, issue.at + 1):
            breaches.append(f"request {answer.index}: {-left_s:.2f} s beyond its time, life {issue.life}")
    name = f"every token alive by {evidence.plan.lifetimes.min_validity} s at least"
    return Verdict(
        name, f"{len(tokens):,} tokens handed out, {len(evidence.issues)} issued, spare {least:.2f} s", breaches
    )


def judge_words(evidence: Evidence) -> Verdict:
    """Hold what each answer says of its token, and of the STS, against what the STS said."""
    breaches = []
    vectors = _vectors(evidence)
    for answer in evidence.answers:
        issue = evidence.issues.get(answer.token or "")
        complaints: Iterator[str] = iter(())
        if issue is not None:
            complaints = _token_complaints(answer, issue)
        elif answer.json.get("msCv") not in {None, *vectors}:
            complaints = iter(["its msCv is none of the STS's"])
        breaches += [f"request {answer.index}: {text}" for text in complaints]
    return Verdict("what is said of a token is true", f"{len(evidence.issues)} tokens", breaches)


def _vectors(evidence: Evidence) -> set[str]:
    calls = (seen.call for seen in evidence.played.record.calls if seen.service == "sts")
    return {call.response_headers.get("MS-CV", "") for call in calls}


def spare_s(evidence: Evidence, issue: Issue, age_s: float) -> float:
    """Return for how much longer the token may still be handed out at this age."""
    lifetimes = evidence.plan.lifetimes
    if issue.life is None:
        return lifetimes.refresh_after - age_s
    if issue.life <= lifetimes.min_validity:
        return min(issue.life, _BORN_SPENT_S) - age_s
    return issue.life - lifetimes.min_validity - age_s


def _token_complaints(answer: Answer, issue: Issue) -> Iterator[str]:
    body = answer.json
    if body["MsCv"] != issue.ms_cv:
        yield f"MsCv {body['MsCv']} instead of {issue.ms_cv}"
    expires_on = (
        None if issue.life is None or issue.expires_on is None else datetime.fromtimestamp(issue.expires_on, UTC)
    )
    if body["ExpiresOn"] != (expires_on and expires_on.strftime("%Y-%m-%dT%H:%M:%SZ")):
        yield f"ExpiresOn {body['ExpiresOn']} instead of {expires_on}"
    # It was issued between the call for it and the answer to that: whoever counts from the call is on the safe side.
    youngest, oldest = answer.sent - issue.at - _SAID_S - ROOM_S, answer.done - issue.asked + ROOM_S
    if not youngest <= int(answer.headers["age"]) <= oldest:
        yield f"Age {answer.headers['age']}, {youngest:.2f} to {oldest:.2f} s after its issue"
    if issue.life is not None and not -_SAID_S <= body["ExpiresIn"] + int(answer.headers["age"]) - issue.life <= 0:
        yield f"ExpiresIn {body['ExpiresIn']} at Age {answer.headers['age']} of a life of {issue.life} s"
