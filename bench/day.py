"""The simulated day of a fleet: its calls, its refused callers, and the upstreams' limits."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

DAY_S: Final = 86_400
OUTAGE_S: Final = (43_200, 46_800)
STS_LIMIT: Final = 200  # calls a second; 429 beyond
STS_RETRY_AFTER_S: Final = 5
VAULT_LIMIT: Final = 4_000  # reads of one vault in 10 s, as documented; 429 beyond
VAULT_WINDOW_S: Final = 10
REQUEST_GAP_S: Final = 5.0  # between the requests to one worker, on average
_MINUTE_S: Final = 60


@dataclass
class Day:
    """Calls of the STS and reads of Key Vault by second, refused callers by minute, workers that got a token."""

    workers: int
    sts: Counter[int] = field(default_factory=Counter)
    vault: Counter[int] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    supplied: int = 0
    all_supplied_s: float = float("inf")

    def supply(self, now_s: float) -> None:
        """Count a worker's first token."""
        self.supplied += 1
        if self.supplied == self.workers:
            self.all_supplied_s = now_s

    def sts_peak(self, first_s: int = 0, last_s: int = DAY_S) -> int:
        """Return the most calls of the STS in a second."""
        return max(self.sts[second] for second in range(first_s, last_s))

    def sts_peaks(self, interval_s: int) -> list[int]:
        """Return the most calls of the STS in a second, for each interval of the day."""
        return [self.sts_peak(start, start + interval_s) for start in range(0, DAY_S, interval_s)]

    def vault_peak(self, first_s: int = 0, last_s: int = DAY_S) -> int:
        """Return the most reads of Key Vault in 10 s."""
        starts = (second for second in self.vault if first_s <= second < last_s)
        return max((sum(self.vault[start + i] for i in range(VAULT_WINDOW_S)) for start in starts), default=0)

    def served(self, first_s: int = 0, last_s: int = DAY_S) -> float:
        """Return the share of callers that got a token, between two whole minutes."""
        refused = sum(self.refused[minute] for minute in range(first_s // _MINUTE_S, last_s // _MINUTE_S))
        return 1 - refused / (self.workers * (last_s - first_s) / REQUEST_GAP_S)
