"""What must hold of a run: docs/contract.md, from outside."""

import bisect
import logging
import math
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import quote

from bench.soak.evidence import Evidence, Response
from bench.soak.plan import CANARY, LOAD_BEGINS_S, MAX_WAIT_S, MIN_VALIDITY_S, REFRESH_AFTER_S, FaultWindow
from bench.soak.services import Issue, RecordedCall
from tests.leaks import grown
from tests.openapi.document import PROBLEMS, violations

_ROOM_S: Final = 0.5  # between what this process and what the function's process sees of the same event
_PLATFORMS: Final = {"method": 404, "keyless": 401}  # kinds of requests that the platform answers, without a body
_OVERLAP_S: Final = 0.01  # a call has ended here before its response leaves
_ABORT_S: Final = 0.1  # a client that disconnects during a fault is noticed this late
_WHOLE_S: Final = 1.0  # Age and ExpiresIn are whole seconds
_NEW_S: Final = 29.5  # up to an age of 30 s, `no-cache` is served from the cache
_DIGEST: Final = 16  # characters of token_sha256
_PIECE: Final = 20  # characters in a row that give a secret away
_STEP: Final = 4
_WORD: Final = re.compile(rf"[A-Za-z0-9+/=_.%-]{{{_PIECE},}}")
_FEWEST_EXCHANGES: Final = 12
_SWING: Final = 8  # objects of one type; it does not depend on how many exchanges there were


class Result(NamedTuple):
    """One thing that must hold, what was looked at, and where it did not hold."""

    name: str
    looked_at: str
    failures: list[str]


def check_responses(evidence: Evidence) -> Result:
    """Contract section 4: every response is one that docs/openapi.yaml describes."""
    failures = [
        f"{evidence.at_s(response.sent)}, {response.kind}, {response.outcome}: {text}"
        for response in evidence.responses
        for text in _violations(response)
    ]
    return Result("every response is in the contract", f"{len(evidence.responses):,} responses", failures)


def _violations(response: Response) -> Iterator[str]:
    if response.error is not None:
        if response.error != "left":
            yield "no response"
    elif response.kind in _PLATFORMS:
        if (response.status, response.body) != (_PLATFORMS[response.kind], ""):
            yield f"not the platform's {_PLATFORMS[response.kind]} without body"
    elif (response.kind == "bad") != (response.outcome == "invalid-request"):
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
    """Contract section 5: every request is answered within ARR_MAX_WAIT_SECONDS + 1."""
    limit_s = MAX_WAIT_S + 1
    took_s = [response.done - response.sent for response in evidence.responses]
    failures = [
        f"{evidence.at_s(response.sent)}, {response.kind}, {response.outcome}: after {took:.2f} s"
        for response, took in zip(evidence.responses, took_s, strict=True)
        if took > limit_s + _ROOM_S + evidence.noise_s(response.sent, response.done)
    ]
    return Result(f"every response within {limit_s} s", f"longest {max(took_s, default=0):.2f} s", failures)


def check_tokens(evidence: Evidence) -> Result:
    """Contract section 5: every token was alive when it was handed out, and what is said of it is true."""
    logged_at = {line.request: line.at for line in evidence.lines if line.text.startswith("token-request ")}
    failures, least_s = [], math.inf
    tokens = [response for response in evidence.responses if response.token is not None]
    for response in tokens:
        name = f"{evidence.at_s(response.sent)}, {response.kind}"
        issue = evidence.issue_of.get(response.token)
        at = logged_at.get(response.headers["x-ms-request-id"])
        if issue is None or at is None:
            failures.append(f"{name}: a token that the STS never issued, or no audit line")
            continue
        left_s = (REFRESH_AFTER_S if issue.lifetime_s is None else issue.lifetime_s) - (at - issue.at)
        least_s = min(least_s, left_s)
        if left_s < -_ROOM_S - evidence.noise_s(issue.at, issue.at):
            failures.append(f"{name}: handed out {-left_s:.2f} s after its end, lifetime {issue.lifetime_s}")
        failures += [f"{name}: {text}" for text in _untruths(response, issue)]
    looked_at = f"{len(tokens):,} handed out, {len(evidence.issues)} issued, least left {least_s:.2f} s"
    return Result("every token alive and truly described", looked_at, failures)


def _untruths(response: Response, issue: Issue) -> Iterator[str]:
    body, age_s = response.json, int(response.headers["age"])
    expires_on = None if issue.expires_on is None else datetime.fromtimestamp(issue.expires_on, UTC)
    if body["MsCv"] != issue.ms_cv:
        yield f"MsCv {body['MsCv']} instead of {issue.ms_cv}"
    if body["ExpiresOn"] != (expires_on and expires_on.strftime("%Y-%m-%dT%H:%M:%SZ")):
        yield f"ExpiresOn {body['ExpiresOn']} instead of {expires_on}"
    # The function may count a token's age from before the call that brought it.
    youngest_s, oldest_s = response.sent - issue.at - _WHOLE_S - _ROOM_S, response.done - issue.called_at + _ROOM_S
    if not youngest_s <= age_s <= oldest_s:
        yield f"Age {age_s}, {youngest_s:.2f} to {oldest_s:.2f} s after its issue"
    if issue.lifetime_s is not None and not -_WHOLE_S <= body["ExpiresIn"] + age_s - issue.lifetime_s <= 0:
        yield f"ExpiresIn {body['ExpiresIn']} at Age {age_s} of a lifetime of {issue.lifetime_s} s"


def check_exchanges(evidence: Evidence) -> Result:
    """Contract section 5: at most one exchange is live. It makes one call at a time, so no two calls overlap."""
    calls = sorted(evidence.calls, key=lambda one: one.call.started)
    failures = []
    latest: RecordedCall | None = None
    for one in calls:
        if latest is not None and one.call.started < _end(latest) - _tolerance_s(latest):
            failures.append(
                f"{evidence.at_s(one.call.started)}: {one.service} called during a call of {latest.service}"
            )
        if latest is None or _end(one) > _end(latest):
            latest = one
    return Result("never two live exchanges", f"{len(calls):,} upstream calls", failures)


def _end(one: RecordedCall) -> float:
    return one.call.started + (math.inf if one.call.seconds is None else one.call.seconds)


def _tolerance_s(one: RecordedCall) -> float:
    if one.fault is None:
        return _OVERLAP_S
    return _ABORT_S + (one.fault.interval if one.fault.trickle else 0.0)


def check_recovery(evidence: Evidence) -> Result:
    """Contract section 5: after each outage, a new token is handed out within the longest cool-down."""
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
    """Contract section 5: each problem has an outage for its reason, and nobody waits longer than it takes."""
    failures = []
    problems = [response for response in evidence.responses if response.is_upstream_problem]
    for response in problems:
        name = f"{evidence.at_s(response.sent)}, {response.kind}, {response.outcome}"
        window = next((one for one in evidence.windows if _reaches(one, response)), None)
        if window is None or not window.outage.allows(response.outcome):
            if evidence.noise_s(response.sent, response.done) < MAX_WAIT_S / 2:
                failures.append(f"{name}: no reason for it ({window})")
        elif int(response.headers.get("retry-after", 0)) > math.ceil(window.longest_cool_down_s):
            failures.append(f"{name}: Retry-After {response.headers['retry-after']}")
    return Result("no problem without a reason", f"{len(problems):,} problems", failures)


def _reaches(window: FaultWindow, response: Response) -> bool:
    return window.begin - _ROOM_S <= response.done and response.sent <= window.end + window.recovery_s


def check_cached(evidence: Evidence) -> Result:
    """Contract section 5: while the cached token is usable, no upstream fault reaches a caller."""
    issues = evidence.issues
    order = {issue.token: index for index, issue in enumerate(issues)}
    tokens = [(one.done, order[evidence.issue_of[one.token].token]) for one in evidence.responses if one.token]
    failures = []
    problems = [response for response in evidence.responses if response.is_upstream_problem]
    for response in problems:
        newest = max((index for done, index in tokens if done < response.sent), default=None)
        if newest is None:
            continue
        # The cache may also hold one of those that were issued later and not yet handed out.
        held = issues[newest : bisect.bisect(issues, response.done, key=lambda issue: issue.at)]
        room_s = _ROOM_S + evidence.noise_s(response.sent, response.done)
        if min(_usable_s(issue) - (response.done - issue.called_at + room_s) for issue in held) > 0 and (
            response.kind != "no-cache" or response.done - issues[newest].at < _NEW_S
        ):
            failures.append(
                f"{evidence.at_s(response.sent)}, {response.kind}: {response.outcome} beside a usable token"
            )
    return Result("no fault reaches a caller past a usable token", f"{len(problems):,} problems", failures)


def _usable_s(issue: Issue) -> float:
    return REFRESH_AFTER_S if issue.lifetime_s is None else issue.lifetime_s - MIN_VALIDITY_S


def check_secrets(evidence: Evidence) -> Result:
    """Contract section 7: no secret, and no upstream's or caller's text, in a log line or a response."""
    secrets = evidence.secrets
    pieces = {piece for secret in secrets for piece in _pieces(secret)}
    texts = [*(line.text for line in evidence.lines), *evidence.errors.splitlines()]
    # The one field where a token belongs no longer holds it.
    texts += [" ".join([*response.headers.values(), response.body]) for response in evidence.responses]
    failures = [
        _WORD.sub("…", text)[:100]
        for text in texts
        if CANARY in text or any(_gives_away(word, pieces) for word in _WORD.findall(text))
    ]
    looked_at = f"{len(secrets)} secrets, {len(texts):,} lines and responses"
    return Result("no secret in a log line or a response", looked_at, failures)


def _pieces(secret: str) -> Iterator[str]:
    for text in {secret, quote(secret, safe="")}:
        for begin in range(0, max(1, len(text) - _PIECE - _STEP + 1), _STEP):
            yield text[begin : begin + _PIECE]
        yield text[-_PIECE:]


def _gives_away(word: str, pieces: set[str]) -> bool:
    return any(word[begin : begin + _PIECE] in pieces for begin in range(len(word) - _PIECE + 1))


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
            if found != [(response.outcome, (response.token or "-")[:_DIGEST])]:
                failures.append(f"{evidence.at_s(response.sent)}: {response.outcome}, audit lines {found}")
    lost = Counter(line.text.split()[0] for line in evidence.lines if not line.delivered and line.logger == "arr_token")
    failures += [f"{count} lines lost: {word} …" for word, count in lost.items()]
    failures += [f"{line.logger}: {line.text[:200]}" for line in evidence.lines if line.level >= logging.ERROR]
    failures += [f"standard error: {line}" for line in evidence.errors.splitlines()]
    return Result("one audit line for each response", f"{len(evidence.lines):,} lines", failures)


def check_leaks(evidence: Evidence) -> Result:
    """Nothing is kept of an exchange or a request: the number of objects does not grow with theirs."""
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
