"""What the simulated services saw and gave out: the only witness of the upstream side."""

from dataclasses import dataclass
from typing import NamedTuple

from local.services.faults import Call, Fault


class Seen(NamedTuple):
    """A call, and the fault that hit it."""

    service: str
    call: Call
    fault: Fault | None


@dataclass(frozen=True)
class Issue:
    """A token that the STS issued: when by this machine's clock, and its life by the STS's own clock, in seconds."""

    #: When the call for it arrived.
    asked: float
    at: float
    token: str
    ms_cv: str | None
    expires_on: int | None
    life: int | None


class Record:
    """What the simulated services saw and gave out."""

    def __init__(self) -> None:
        self.calls: list[Seen] = []
        self.issues: list[Issue] = []
        self.secrets: set[str] = set()
