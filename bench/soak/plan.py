"""What a run consists of. Times are seconds from the start of the load."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from bench.soak.kinds import Kind

_FIRST_S, _LONGEST_S, _JITTER = 1.0, 60.0, 0.1  # contract section 5: the cool-down
_MAX_EXCHANGE_S: Final = 60.0


class Lifetimes(NamedTuple):
    """The settings that rule a token's life, in seconds."""

    refresh_after: int
    min_validity: int
    max_wait: int

    @property
    def exchange(self) -> float:
        """The deadline of one exchange."""
        return min(3.0 * self.max_wait, _MAX_EXCHANGE_S)


class Band(NamedTuple):
    """One fault, from when to when."""

    kind: Kind
    begin: float
    end: float


@dataclass(frozen=True)
class Storm:
    """Faults at the same time, and how long it may take from the last one's end until all is well."""

    bands: tuple[Band, ...]
    recovery_s: float
    longest_cool_down_s: float

    @property
    def begin(self) -> float:
        """When the first one comes."""
        return min(band.begin for band in self.bands)

    @property
    def end(self) -> float:
        """When the last one goes."""
        return max(band.end for band in self.bands)

    @property
    def codes(self) -> frozenset[str]:
        """What callers may be told."""
        identity = {"account-key-unavailable"} if any(band.kind.lane == "identity" for band in self.bands) else set()
        return frozenset({"upstream-timeout", *identity}).union(*(band.kind.codes for band in self.bands))


class Issuing(NamedTuple):
    """How the STS issues from a time on."""

    begin: float
    options: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """A run."""

    seed: int
    seconds: float
    rate: float
    lifetimes: Lifetimes
    storms: tuple[Storm, ...]
    issuing: tuple[Issuing, ...]


def longest_cool_down(outage_s: float, retry_after_s: int = 0) -> float:
    """Return the longest cool-down that can have begun when an outage of this length ends: contract section 5.

    The n-th failure needs n - 1 cool-downs before it, each at its shortest; the exchange that fails may end later, but
    it began in the outage.
    """
    failures, earliest_s = 1, 0.0
    while (earliest_s := earliest_s + (1 - _JITTER) * _doubling(failures)) <= outage_s:
        failures += 1
    return max(_doubling(failures), retry_after_s * (1 + _JITTER))


def _doubling(failures: int) -> float:
    return min(_FIRST_S * 2.0 ** (failures - 1), _LONGEST_S)
