"""Contract section 4: every answer is one of the contract's, whole, and in time."""

import re
from collections.abc import Iterator
from typing import Final

from bench.soak.evidence import OK, Answer, Evidence
from bench.soak.verdict import Verdict
from local.services.account import DEFAULT_DOMAIN, DEFAULT_ID

ROOM_S: Final = 0.5  # beyond the contract's own second: the way to the function and back, hundreds at a time
_BAD_REQUEST: Final = "invalid-request"
STATUS: Final = {
    _BAD_REQUEST: 400,
    "identity-not-assigned": 500,
    "account-key-unavailable": 500,
    "account-key-rejected": 502,
    "sts-rejected-request": 502,
    "sts-invalid-response": 502,
    "identity-unavailable": 503,
    "key-vault-unavailable": 503,
    "sts-throttled": 503,
    "sts-unavailable": 503,
    "upstream-timeout": 504,
}
_TRANSIENT: Final = frozenset({503, 504})
_LONGEST_RETRY_AFTER_S: Final = 3600
_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER: Final = re.compile(r"\d{1,9}")
_HTTP: Final = {"date", "server", "transfer-encoding", "connection"}
_ALWAYS: Final = _HTTP | {"content-type", "cache-control", "x-ms-request-id", "x-content-type-options", "ms-cv"}
_TOKEN_FIELDS: Final = {"AccessToken", "MsCv", "ExpiresOn", "ExpiresIn", "AccountId", "AccountDomain"}
_PROBLEM_FIELDS: Final = {"type", "title", "status", "detail", "code", "requestId", "msCv"}
_PLATFORMS: Final = {"method": 404, "keyless": 401}


def judge_answers(evidence: Evidence) -> Verdict:
    """Hold each answer's status, code, headers and fields against the table."""
    prose: dict[str, tuple[object, object]] = {}
    breaches: list[str] = []
    for answer in evidence.answers:
        complaints = list(_complaints(answer))
        if answer.outcome in STATUS and answer.status != OK:
            said = answer.json.get("title"), answer.json.get("detail")
            if prose.setdefault(answer.outcome, said) != said:
                complaints.append("prose is not fixed")
        breaches += [f"request {answer.index} ({answer.kind}), {answer.outcome}: {text}" for text in complaints]
    return Verdict("no answer other than the contract's", f"{len(evidence.answers):,} answers", breaches)


def judge_times(evidence: Evidence) -> Verdict:
    """Hold each answer's time against ARR_MAX_WAIT_SECONDS + 1; what the machine itself took does not count."""
    limit_s = evidence.plan.lifetimes.max_wait + 1 + ROOM_S
    breaches = []
    for answer in evidence.answers:
        took_s = answer.done - answer.sent
        if took_s > limit_s and took_s > limit_s + evidence.noise_s(answer.sent, answer.done):
            breaches.append(f"request {answer.index} ({answer.kind}), {answer.outcome}: after {took_s:.2f} s")
    longest = max((answer.done - answer.sent for answer in evidence.answers), default=0.0)
    return Verdict(f"none later than {limit_s - ROOM_S:.0f} s", f"longest {longest:.2f} s", breaches)


def _complaints(answer: Answer) -> Iterator[str]:
    if answer.error is not None:
        if answer.error != "left":
            yield "no answer"
    elif answer.kind in _PLATFORMS:
        if (answer.status, answer.body) != (_PLATFORMS[answer.kind], ""):
            yield f"not the platform's {_PLATFORMS[answer.kind]} without body"
    elif (answer.kind == "bad") != (answer.outcome == _BAD_REQUEST):
        yield "a bad request is answered as such, and no other"
    else:
        yield from _headers(answer)
        yield from _token(answer) if answer.status == OK else _problem(answer)


def _headers(answer: Answer) -> Iterator[str]:
    headers = answer.headers
    if headers.get("cache-control") != "no-store" or headers.get("x-content-type-options") != "nosniff":
        yield "Cache-Control or X-Content-Type-Options"
    if not _GUID.fullmatch(headers.get("x-ms-request-id", "")):
        yield "x-ms-request-id is no invocation id"
    transient = answer.status in _TRANSIENT
    wait = headers.get("retry-after")
    if transient != (wait is not None):
        yield f"Retry-After {wait} with {answer.status}"
    if wait and not (_NUMBER.fullmatch(wait) and 1 <= int(wait) <= _LONGEST_RETRY_AFTER_S):
        yield f"Retry-After {wait}"
    own = {"age"} if answer.status == OK else {"retry-after"}
    if set(headers) - _ALWAYS - own:
        yield f"more headers: {set(headers) - _ALWAYS - own}"


def _token(answer: Answer) -> Iterator[str]:
    body, headers = answer.json, answer.headers
    if headers.get("content-type") != "application/json; charset=utf-8":
        yield "Content-Type"
    if set(body) != _TOKEN_FIELDS or body["AccessToken"] != "TOKEN":
        yield f"fields {sorted(body)}"
    elif headers.get("ms-cv") != body["MsCv"]:
        yield "MS-CV is not MsCv"
    elif (body["AccountId"], body["AccountDomain"]) != (DEFAULT_ID, DEFAULT_DOMAIN):
        yield "AccountId or AccountDomain"
    elif (body["ExpiresIn"] is None) != (body["ExpiresOn"] is None):
        yield "ExpiresIn without ExpiresOn, or the other way round"
    if not _NUMBER.fullmatch(headers.get("age", "")):
        yield "Age"


def _problem(answer: Answer) -> Iterator[str]:
    body, headers = answer.json, answer.headers
    if headers.get("content-type") != "application/problem+json":
        yield "Content-Type"
    if set(body) != _PROBLEM_FIELDS:
        yield f"fields {sorted(body)}"
    elif STATUS.get(body["code"]) != answer.status or body["status"] != answer.status:
        yield f"status {answer.status} and {body['status']}"
    elif body["type"] != f"urn:arr-token:problem:{body['code']}":
        yield f"type {body['type']}"
    elif body["requestId"] != headers.get("x-ms-request-id") or body["msCv"] != headers.get("ms-cv"):
        yield "requestId or msCv is not the header's"
