"""What a run left behind, read back."""

import bisect
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from bench.soak.plan import Plan, Storm
from bench.soak.record import Issue
from bench.soak.samples import Sample
from bench.soak.stage import Played

OK = 200


@dataclass(frozen=True)
class Answer:
    """One request and what came of it; times by this machine's clock. ``status`` is 0 where nothing came."""

    index: int
    kind: str
    planned: float
    sent: float
    done: float
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    #: The access token's SHA-256; in the body, it is replaced.
    token: str | None = None
    error: str | None = None

    @property
    def json(self) -> dict[str, Any]:
        """The body, or nothing where it is no JSON object."""
        try:
            body = json.loads(self.body)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    @property
    def outcome(self) -> str:
        """``ok``, a problem's code, the platform's bare status, or what kept the answer from coming."""
        if self.status == OK:
            return "ok"
        return self.error or str(self.json.get("code") or self.status)


class Line(NamedTuple):
    """One line of the function's log."""

    at: float
    request: str | None
    delivered: bool
    logger: str
    level: int
    text: str


class Tick(NamedTuple):
    """The callers' process was late by so much."""

    at: float
    late: float


@dataclass(frozen=True)
class Evidence:
    """All of it."""

    plan: Plan
    played: Played
    answers: list[Answer]
    ticks: list[Tick]
    lines: list[Line]
    samples: list[Sample]
    #: What the processes wrote to their standard error.
    errors: str
    issues: dict[str, Issue]

    def span(self, storm: Storm) -> tuple[float, float]:
        """Return when a storm really began and ended."""
        weather = [one for one in self.played.weather if one.band in storm.bands]
        return min(one.begin for one in weather), max(one.end for one in weather)

    def noise_s(self, begin: float, end: float) -> float:
        """Return for how long this machine kept the event loops from running meanwhile: no fault of theirs."""
        first = max(0, bisect.bisect(self.samples, begin, key=lambda one: one.at) - 1)
        last = min(len(self.samples) - 1, bisect.bisect(self.samples, end, key=lambda one: one.at))
        queued_s = self.samples[last].queued_s - self.samples[first].queued_s if self.samples else 0.0
        ticks = self.ticks[bisect.bisect(self.ticks, (begin - 1.0,)) : bisect.bisect(self.ticks, (end,))]
        return queued_s + sum(tick.late for tick in ticks)


def gather(plan: Plan, played: Played, directory: Path) -> Evidence:
    """Read the files of the children."""
    entries = list(_read(directory / "answers.jsonl"))
    return Evidence(
        plan,
        played,
        answers=[Answer(**entry) for entry in entries if "tick" not in entry],
        ticks=[Tick(entry["tick"], entry["late"]) for entry in entries if "tick" in entry],
        lines=[Line(**entry) for entry in _read(directory / "log.jsonl")],
        samples=[Sample(**entry) for entry in _read(directory / "samples.jsonl")],
        errors="".join((directory / f"{name}.err").read_text(encoding="utf-8") for name in ("host", "load")),
        issues={hashlib.sha256(issue.token.encode()).hexdigest(): issue for issue in played.record.issues},
    )


def _read(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
