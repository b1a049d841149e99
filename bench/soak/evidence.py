"""The recorded events of a run, read back."""

import bisect
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from bench.soak.plan import FaultWindow, Plan
from bench.soak.run import Run
from bench.soak.services import Issue, RecordedCall


@dataclass(frozen=True)
class Response:
    """One request and its result, by this machine's clock. ``status`` is 0 without a response."""

    kind: str
    planned: float
    sent: float
    done: float
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    error: str | None = None

    @property
    def token(self) -> str | None:
        """The access token."""
        token = self.json.get("AccessToken") if self.status == HTTPStatus.OK else None
        return token if isinstance(token, str) else None

    @cached_property
    def json(self) -> dict[str, Any]:
        """The body, or an empty object if it is not a JSON object."""
        try:
            body = json.loads(self.body)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    @property
    def result(self) -> str:
        """``ok``, a problem's code, the platform's bare status, or why no response came."""
        return "ok" if self.status == HTTPStatus.OK else self.error or str(self.json.get("code") or self.status)

    @property
    def is_upstream_problem(self) -> bool:
        """Whether it is a problem that the request did not cause."""
        return "code" in self.json and self.result != "invalid-request"


class Line(NamedTuple):
    """One line of the function's log."""

    at: float
    request: str | None
    delivered: bool
    logger: str
    level: int
    text: str

    @property
    def fields(self) -> dict[str, str]:
        """The line's ``key=value`` pairs."""
        return dict(word.split("=", 1) for word in self.text.split() if "=" in word)


@dataclass(frozen=True)
class Evidence:
    """All recorded events."""

    plan: Plan
    started: float
    windows: list[FaultWindow]
    calls: list[RecordedCall]
    issues: list[Issue]
    secrets: set[str]
    responses: list[Response]
    lines: list[Line]
    #: When one of the two processes had waited for a processor, and for how many seconds.
    waits: list[tuple[float, float]]
    #: The number of objects in the function's process by type, after the warm-up and at the end.
    objects: list[dict[str, int]]
    #: The processes' standard error.
    errors: str

    @cached_property
    def issue_of(self) -> dict[str | None, Issue]:
        """The issued tokens by their text."""
        return {issue.token: issue for issue in self.issues}

    def noise_s(self, begin: float, end: float) -> float:
        """Return the time that the machine kept the two processes from running around then."""
        first, last = (bisect.bisect(self.waits, (at,)) for at in (begin - 1.0, end + 1.0))
        return sum(waited_s for _, waited_s in self.waits[first:last])

    def name(self, response: Response) -> str:
        """Return the name of a response for a report."""
        return f"{response.sent - self.started:.2f} s, {response.kind}, {response.result}"


def gather(plan: Plan, run: Run, directory: Path) -> Evidence:
    """Read the files of the children."""
    host, load = (list(_read(directory / f"{name}.jsonl")) for name in ("host", "load"))
    return Evidence(
        plan,
        run.started,
        run.windows,
        run.services.calls,
        run.services.issues,
        run.services.secrets,
        responses=[Response(**entry) for entry in load if "kind" in entry],
        lines=[Line(**entry) for entry in _read(directory / "log.jsonl")],
        waits=sorted([*_waits(host), *_waits(load)]),
        objects=[entry["objects"] for entry in host if "objects" in entry],
        errors="".join((directory / f"{name}.err").read_text(encoding="utf-8") for name in ("host", "load")),
    )


def _waits(entries: list[dict[str, Any]]) -> Iterator[tuple[float, float]]:
    waited = [(entry["at"], entry["waited_s"]) for entry in entries if "waited_s" in entry]
    return ((at, until_now - until_then) for (_, until_then), (at, until_now) in pairwise(waited))


def _read(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
