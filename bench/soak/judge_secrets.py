"""Contract section 7: no secret, and no upstream's or caller's text, in any log line or answer."""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote

from bench.soak.evidence import Evidence
from bench.soak.kinds import CANARY
from bench.soak.verdict import Verdict

_PIECE: Final = 20  # characters in a row that give a secret away
_STEP: Final = 4
_WORD: Final = re.compile(rf"[A-Za-z0-9+/=_.%-]{{{_PIECE},}}")


def judge_secrets(evidence: Evidence) -> Verdict:
    """Look for pieces of every key and token in all that was logged, and in all that was answered."""
    secrets = evidence.played.record.secrets
    pieces = {piece for secret in secrets for piece in _pieces(secret)}
    texts = {"log": _logged(evidence), "answer": _answered(evidence)}
    breaches, words = [], 0
    for place, lines in texts.items():
        for line in lines:
            words += 1
            if CANARY in line or any(_gives_away(word, pieces) for word in _WORD.findall(line)):
                breaches.append(f"{place}: {_WORD.sub('…', line)[:100]}")
    return Verdict(
        "no secret in a log line or an answer", f"{len(secrets)} secrets, {words:,} lines and answers", breaches
    )


def _pieces(secret: str) -> Iterator[str]:
    for text in {secret, quote(secret, safe="")}:
        for begin in range(0, max(1, len(text) - _PIECE - _STEP + 1), _STEP):
            yield text[begin : begin + _PIECE]
        yield text[-_PIECE:]


def _gives_away(word: str, pieces: set[str]) -> bool:
    return any(word[begin : begin + _PIECE] in pieces for begin in range(len(word) - _PIECE + 1))


def _logged(evidence: Evidence) -> Iterable[str]:
    yield from (line.text for line in evidence.lines)
    yield from evidence.errors.splitlines()


def _answered(evidence: Evidence) -> Iterable[str]:
    """Yield headers and bodies; the one place where a token belongs does not hold it any more."""
    for answer in evidence.answers:
        yield " ".join([*answer.headers.values(), answer.body])
