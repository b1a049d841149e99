"""Contract section 7: one audit line for each answered request, from its own task, and nothing unexpected."""

import logging
import re
from collections import Counter
from typing import Final

from bench.soak.evidence import OK, Evidence
from bench.soak.verdict import Verdict

_AUDIT: Final = re.compile(
    r"token-request outcome=(?P<outcome>[a-z-]+) caller=\S+ source=(held|issued|-) ms_cv=(?P<ms_cv>\S+) "
    r"client_cv=\S+ expires_in=(?P<left>\S+) age=(?P<age>\S+) token_sha256=(?P<digest>\S+)"
)
_DIGEST: Final = 16


def judge_log(evidence: Evidence) -> Verdict:
    """Hold the audit lines against the answers; look for lost lines, tracebacks and errors."""
    audits: dict[str | None, list[re.Match[str]]] = {}
    for line in evidence.lines:
        if match := _AUDIT.fullmatch(line.text):
            audits.setdefault(line.request, []).append(match)
    breaches = []
    for answer in evidence.answers:
        request = answer.headers.get("x-ms-request-id")
        lines = audits.get(request, []) if request else []
        if request and [line["outcome"] for line in lines] != [answer.outcome]:
            breaches.append(
                f"request {answer.index}: {answer.outcome}, audit lines {[line['outcome'] for line in lines]}"
            )
        elif answer.status == OK and lines[0]["digest"] != (answer.token or "")[:_DIGEST]:
            breaches.append(f"request {answer.index}: token_sha256 of another token")
    lost = Counter(line.text.split()[0] for line in evidence.lines if not line.delivered and line.logger == "arr_token")
    breaches += [f"{count} lines lost: {word} …" for word, count in lost.items()]
    bad = [line for line in evidence.lines if line.level >= logging.ERROR]
    breaches += [f"{line.logger}: {line.text[:200]}" for line in bad]
    breaches += [f"standard error: {line}" for line in evidence.errors.splitlines()]
    return Verdict("one audit line for each answer", f"{len(evidence.lines):,} lines", breaches)
