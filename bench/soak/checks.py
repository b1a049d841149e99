"""Checks a run against docs/contract.md, from outside."""

import bisect
import logging
import math
import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from typing import Final, NamedTuple
from urllib.parse import quote

from bench.soak.evidence import Evidence, Response
from bench.soak.plan import CANARY, LOAD_BEGINS_S, MAX_WAIT_S, MIN_VALIDITY_S, REFRESH_AFTER_S
from bench.soak.services import Issue, RecordedCall
from tests.leaks import grown
from tests.openapi.document import PROBLEMS, violations

_ROOM_S: Final = 0.5  # by which this process and the function's process may see the same event at different times
_OVERLAP_S: Final = 0.01  # a call has ended here before its response leaves
_ABORT_S: Final = 0.1  # a client that disconnects during a fault is noticed this late
_DIGEST: Final = 16  # characters of token_sha256
_PIECE: Final = 20  # consecutive characters that reveal a secret
_WORD: Final = re.compile(rf"[A-Za-z0-9+/=_.%-]{{{_PIECE},}}")
_FEWEST_EXCHANGES: Final = 12
_SWING: Final = 8  # objects of one type, whatever the number of exchanges is


class Result(NamedTuple):
    """The result of one check: its subject, the number of checked items, and its failures."""

    name: str
    looked_at: str
    failures: list[str]


def check_responses(evidence: Evidence) -> Result:
    """Contract section 4: every response is one that docs/openapi.yaml describes."""
    failures = [
        f"{evidence.name(response)}: {text}" for response in evidence.responses for text in _violations(response)
    ]
    return Result("every response is in the contract", f"{len(evidence.responses):,} responses", failures)


def _violations(response: Response) -> Iterator[str]:
    if response.error is not None:
        if response.error != "left":
            yield "no response"
    elif (response.kind == "bad") != (response.result == "invalid-request"):
        yield "a bad request gets invalid-request, and no other request does"
    else:
        yield from violations(response.status, response.headers, response.json)
        body, headers = response.json, response.headers
        if headers.get("ms-cv") != body.get("MsCv", body.get("msCv")):
            yield "the MS-CV of header and body differ"
        if "code" in body:
            example = PROBLEMS[body["code"]]
            # A refusal without MS-CV adds a sentence to the detail.
            if body["title"] != example["title"] or not body["detail"].startswith(example["detail"]):
                yield "the text is not the documented one"
            if body["requestId"] != headers["x-ms-request-id"]:
                yield "requestId is not x-ms-request-id"


def check_times(evidence: Evidence) -> Result:
    """Contract section 5: every request gets a response within ARR_MAX_WAIT_SECONDS + 1."""
    limit_s = MAX_WAIT_S + 1
    took_s = [response.done - response.sent for response in evidence.responses]
    failures = [
        f"{evidence.name(response)}: after {took:.2f} s"
        for response, took in zip(evidence.responses, took_s, strict=True)
        if took > limit_s + _ROOM_S + evidence.noise_s(response.sent, response.done)
    ]
    return Result(f"every response within {limit_s} s", f"longest {max(took_s, default=0):.2f} s", failures)


def check_tokens(evidence: Evidence) -> Result:
    """Contract section 5: no token was expired when it was returned."""
    logged_at = {line.request: line.at for line in evidence.lines if line.text.startswith("token-request ")}
    failures, least_s = [], math.inf
    tokens = [response for response in evidence.responses if response.token is not None]
    for response in tokens:
        issue = evidence.issue_of.get(response.token)
        at = logged_at.get(response.headers["x-ms-request-id"])
        if issue is None or at is None:
            failures.append(f"{evidence.name(response)}: a token that the STS never issued, or no audit line")
            continue
        left_s = (REFRESH_AFTER_S if issue.lifetime_s is None else issue.lifetime_s) - (at - issue.at)
        least_s = min(least_s, left_s)
        if left_s < -_ROOM_S - evidence.noise_s(issue.at, issue.at):
            failures.append(
                f"{evidence.name(response)}: handed out {-left_s:.2f} s after its end, lifetime {issue.lifetime_s}"
            )
    looked_at = f"{len(tokens):,} handed out, {len(evidence.issues)} issued, least left {least_s:.2f} s"
    return Result("every token alive", looked_at, failures)


def check_exchanges(evidence: Evidence) -> Result:
    """Contract section 5: at most one exchange is live. It makes one call at a time, so no two calls overlap."""
    calls = sorted(evidence.calls, key=lambda one: one.call.started)
    failures = [
        f"{two.call.started - evidence.started:.2f} s: {two.service} called during a call of {one.service}"
        for one, two in pairwise(calls)
        if two.call.started < _end(one) - _tolerance_s(one)
    ]
    return Result("never two live exchanges", f"{len(calls):,} upstream calls", failures)


def _end(one: RecordedCall) -> float:
    return one.call.started + (math.inf if one.call.seconds is None else one.call.seconds)


def _tolerance_s(one: RecordedCall) -> float:
    if one.fault is None:
        return _OVERLAP_S
    return _ABORT_S + (one.fault.interval if one.fault.trickle else 0.0)


def check_recovery(evidence: Evidence) -> Result:
    """Contract section 5: after each outage, a new token is returned within the longest cool-down."""
    failures, longest_s = [], 0.0
    tokens = [(one.done, evidence.issue_of[one.token]) for one in evidence.responses if one.token in evidence.issue_of]
    for window in evidence.windows:
        new = min((done for done, issue in tokens if issue.at >= window.end), default=math.inf)
        longest_s = max(longest_s, new - window.end)
        if new > window.end + window.recovery_s + evidence.noise_s(window.end, window.end + window.recovery_s):
            failures.append(f"{window}: no new token {window.recovery_s:.1f} s after its end")
    looked_at = f"{len(evidence.windows)} outages, longest {longest_s:.1f} s"
    return Result("recovery from every outage", looked_at, failures)


def check_problems(evidence: Evidence) -> Result:
    """Contract section 5: each problem has an outage as its reason, and no Retry-After is too long."""
    failures = []
    problems = [response for response in evidence.responses if response.is_upstream_problem]
    for response in problems:
        window = next((one for one in evidence.windows if one.reaches(response.sent, response.done)), None)
        if window is None or not window.outage.allows(response.result):
            if evidence.noise_s(response.sent, response.done) < MAX_WAIT_S / 2:
                failures.append(f"{evidence.name(response)}: no reason for it ({window})")
        elif int(response.headers.get("retry-after", 0)) > math.ceil(window.longest_cool_down_s):
            failures.append(f"{evidence.name(response)}: Retry-After {response.headers['retry-after']}")
    return Result("no problem without a reason", f"{len(problems):,} problems", failures)


def check_cached(evidence: Evidence) -> Result:
    """Contract section 5: while the cached token is usable, no upstream fault reaches a caller."""
    issues = evidence.issues
    order = {issue.token: index for index, issue in enumerate(issues)}
    handed_out = [(one.done, order[one.token]) for one in evidence.responses if one.token in order]
    failures = []
    problems = [response for response in evidence.responses if response.is_upstream_problem]
    for response in problems:
        # The cached token is the newest one that was returned, or one that was issued later.
        newest = max((index for done, index in handed_out if done < response.sent), default=len(issues))
        cached = issues[newest : bisect.bisect(issues, response.done, key=lambda issue: issue.at)]
        age_from = response.done + _ROOM_S + evidence.noise_s(response.sent, response.done)
        if cached and all(_usable_s(issue) > age_from - issue.called_at for issue in cached):
            failures.append(f"{evidence.name(response)}: beside a usable token")
    return Result("no fault reaches a caller past a usable token", f"{len(problems):,} problems", failures)


def _usable_s(issue: Issue) -> float:
    return REFRESH_AFTER_S if issue.lifetime_s is None else issue.lifetime_s - MIN_VALIDITY_S


def check_secrets(evidence: Evidence) -> Result:
    """Contract section 7: no secret, and no upstream's or caller's text, in a log line or a response."""
    secrets = evidence.secrets
    pieces = set().union(*(_pieces(text) for secret in secrets for text in (secret, quote(secret, safe=""))))
    texts = [*(line.text for line in evidence.lines), *evidence.errors.splitlines()]
    # Only one field may contain the token.
    texts += [" ".join([*one.headers.values(), one.body.replace(one.token or "", "", 1)]) for one in evidence.responses]
    failures = [
        _WORD.sub("…", text)[:100]
        for text in texts
        if CANARY in text or not all(pieces.isdisjoint(_pieces(word)) for word in _WORD.findall(text))
    ]
    looked_at = f"{len(secrets)} secrets, {len(texts):,} lines and responses"
    return Result("no secret in a log line or a response", looked_at, failures)


def _pieces(text: str) -> set[str]:
    return {text[begin : begin + _PIECE] for begin in range(max(1, len(text) - _PIECE + 1))}


def check_log(evidence: Evidence) -> Result:
    """Contract section 7: one audit line for each response, in its own task, and no unexpected line."""
    audits: dict[str | None, list[dict[str, str]]] = {}
    for line in evidence.lines:
        if line.text.startswith("token-request "):
            audits.setdefault(line.request, []).append(line.fields)
    failures = []
    for response in evidence.responses:
        if request := response.headers.get("x-ms-request-id"):
            found = [(audit["outcome"], audit["token_sha256"]) for audit in audits.get(request, [])]
            digest = "-" if response.token is None else sha256(response.token.encode()).hexdigest()[:_DIGEST]
            if found != [(response.result, digest)]:
                failures.append(f"{evidence.name(response)}: audit lines {found}")
    lost = Counter(line.text.split()[0] for line in evidence.lines if not line.delivered and line.logger == "arr_token")
    failures += [f"{count} lines lost: {word} …" for word, count in lost.items()]
    failures += [f"{line.logger}: {line.text[:200]}" for line in evidence.lines if line.level >= logging.ERROR]
    failures += [f"standard error: {line}" for line in evidence.errors.splitlines()]
    return Result("one audit line for each response", f"{len(evidence.lines):,} lines", failures)


def check_leaks(evidence: Evidence) -> Result:
    """No object of an exchange or a request is kept: the number of objects does not grow with theirs."""
    begin = evidence.started + LOAD_BEGINS_S
    exchanges = sum(line.at > begin and line.text.startswith("exchange ") for line in evidence.lines)
    requests = sum(response.sent > begin for response in evidence.responses)
    before, after = evidence.objects
    more = grown(before, after, by=max(min(exchanges, requests) // 2, _SWING))
    failures = [f"{count:+,} {name}" for name, count in more.items()]
    if min(exchanges, requests) < _FEWEST_EXCHANGES:
        failures.append("too few exchanges to tell")
    return Result("no leak", f"{sum(after.values()):,} objects; {exchanges} exchanges, {requests:,} requests", failures)


CHECKS: Final = (
    check_responses,
    check_times,
    check_tokens,
    check_exchanges,
    check_recovery,
    check_problems,
    check_cached,
    check_secrets,
    check_log,
    check_leaks,
)
