"""The parts of a run, made from its seed. Times are seconds from the start of the warm-up."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from local.services.faults import Fault

#: Part of every text that comes from an upstream or a caller; no log line or response may contain it.
CANARY: Final = "soak-canary-7f3a"
FUNCTION_KEY: Final = "soak-function-key"
#: The function's settings: as short as they can be, so that a run sees many exchanges.
REFRESH_AFTER_S, MIN_VALIDITY_S, MAX_WAIT_S = 1, 1, 1

WARM_UP_S: Final = 4.0
QUIET_S: Final = 3.0  # after the warm-up: requests and exchanges end, then objects are counted
LOAD_BEGINS_S: Final = WARM_UP_S + QUIET_S

#: Long enough for two failed exchanges, too short for a third: cool-downs last 0.9 s and 1.8 s at least (contract
#: section 5), so the third could begin after 2.7 s. The longest cool-down at the end of a window is hence 2 s.
_WINDOW_S: Final = (2.2, 2.6)
_LONGEST_COOL_DOWN_S: Final = 2.0
_RETRY_AFTER_JITTER: Final = 1.05
_EXCHANGE_DEADLINE_S: Final = 3.0 * MAX_WAIT_S
_RETRY_PAUSES_S: Final = 0.9  # the two retries of one upstream call
_HEALTHY_S: Final = 0.8  # one exchange without faults takes about 0.2 s; the rest is for a busy machine
_NEXT_REFRESH_S: Final = 1.1 * REFRESH_AFTER_S + _HEALTHY_S
#: Tokens of the first half expire within a window. Those of the second half outlive it and the recovery. Lifetimes
#: never become shorter, because a shorter-lived token would not replace the cached one (contract section 5).
SHORT_LIFETIME_S, LONG_LIFETIME_S = 3, 12

_BURST_EVERY_S: Final = 9.0
_KINDS: Final = {"plain": 80, "no-cache": 6, "min-validity": 6, "bad": 4, "leaves": 4}
_MIN_VALIDITIES: Final = ("0", "1", "5", "0040", "900", "82800")
_BAD_VALIDITIES: Final = ("-1", "1.5", "82801", "9" * 60, "0x10", "1e3", " 5", "٣", CANARY, "5,5")
_VECTORS: Final = ("gKXl1CkeG0mRb6HEtMUmHQ.7", f"{CANARY} x", "A" * 129, "gKXl1CkeG0mRb6HEtMUmH!", "")


@dataclass(frozen=True)
class Outage:
    """The fault of ``service`` (a simulated service, or the account's "keys"), and the codes that callers may get.

    ``action`` names a change that is no fault; `RecordingServices` makes it.
    """

    service: str
    name: str
    code: str
    fault: Fault | None = None
    action: str = ""
    #: A call may go on beyond the window's end, up to the exchange's deadline.
    lingers: bool = False
    retry_after_s: int = 0

    def allows(self, code: str) -> bool:
        """Tell whether the outage can be the reason for this code."""
        # An outage of the identity endpoint also revokes tokens, and Key Vault refuses those first.
        also = "account-key-unavailable" if self.service == "identity" else "upstream-timeout"
        return code in {self.code, "upstream-timeout", also}


_TEXT: Final = {"WWW-Authenticate": f"Invalid token: {CANARY}"}
_WAIT_2_S: Final = Fault(status=503, headers={"Retry-After": "2"})
_WAIT_3_S: Final = Fault(status=429, headers={"Retry-After": "3", **_TEXT})
OUTAGES: Final = (
    Outage("identity", "500", "identity-unavailable", Fault(status=500, body=CANARY)),
    Outage("identity", "400", "identity-not-assigned", Fault(status=400, body=CANARY)),
    Outage("identity", "refused", "identity-unavailable", action="refuse"),
    Outage("key-vault", "403", "account-key-unavailable", Fault(status=403, body=CANARY)),
    Outage("key-vault", "503, Retry-After", "key-vault-unavailable", _WAIT_2_S, retry_after_s=2),
    Outage("key-vault", "untrusted certificate", "key-vault-unavailable", action="untrust"),
    Outage("sts", "429, Retry-After", "sts-throttled", _WAIT_3_S, retry_after_s=3),
    Outage("sts", "no response", "upstream-timeout", Fault(delay=1_000), lingers=True),
    Outage("sts", "a byte now and then", "upstream-timeout", Fault(trickle="body", interval=0.05), lingers=True),
    Outage("sts", "cut off", "sts-unavailable", Fault(drop="body")),
    Outage("sts", "unreadable", "sts-invalid-response", Fault(status=200, body=f'{{"x": "{CANARY}"}}')),
    Outage("sts", "expired tokens", "sts-invalid-response", action="expired"),
    Outage("keys", "both revoked", "account-key-rejected", action="revoke"),
    Outage("keys", "both rotated", "account-key-rejected", action="rotate"),
)


class FaultWindow(NamedTuple):
    """An outage from ``begin`` to ``end``, and the lifetime of tokens that are issued before it, in seconds."""

    outage: Outage
    begin: float
    end: float
    lifetime_s: int

    @property
    def longest_cool_down_s(self) -> float:
        """The longest cool-down that may have begun when the outage ends."""
        return max(_LONGEST_COOL_DOWN_S, self.outage.retry_after_s * _RETRY_AFTER_JITTER)

    @property
    def recovery_s(self) -> float:
        """The time from the outage's end within which a new token must be returned."""
        last_exchange_s = _EXCHANGE_DEADLINE_S if self.outage.lingers else _RETRY_PAUSES_S
        return last_exchange_s + self.longest_cool_down_s + _HEALTHY_S

    def reaches(self, begin: float, end: float) -> bool:
        """Tell whether the window can be the reason for an event in this time."""
        return self.begin < end and begin < self.end + self.recovery_s

    def __str__(self) -> str:
        """Return its name for a report."""
        return f"{self.outage.service} {self.outage.name}"


class Arrival(NamedTuple):
    """One request; ``leaves_after`` is when the caller disconnects, in seconds after it has sent the request."""

    at: float
    kind: str
    query: dict[str, str]
    headers: dict[str, str]
    leaves_after: float | None


@dataclass(frozen=True)
class Plan:
    """A run: ``seconds`` of load at ``rate`` requests a second, after the warm-up."""

    seed: int
    seconds: float
    rate: float

    @property
    def end(self) -> float:
        """The time of the last request."""
        return LOAD_BEGINS_S + self.seconds

    def windows(self) -> tuple[FaultWindow, ...]:
        """Return as many windows as fit, one after the other, each with time to recover."""
        rng = random.Random(f"windows {self.seed}")
        windows: list[FaultWindow] = []
        deck: list[Outage] = []
        at = LOAD_BEGINS_S
        while True:
            deck = deck or rng.sample(OUTAGES, len(OUTAGES))
            begin = at + _NEXT_REFRESH_S  # by then, the cached token has this window's lifetime
            end = begin + rng.uniform(*_WINDOW_S)
            lifetime_s = SHORT_LIFETIME_S if begin < (LOAD_BEGINS_S + self.end) / 2 else LONG_LIFETIME_S
            window = FaultWindow(deck.pop(), begin, end, lifetime_s)
            at = window.end + window.recovery_s
            if at > self.end:
                return tuple(windows)
            windows.append(window)

    def arrivals(self) -> Iterator[Arrival]:
        """Yield a Poisson process of the plan's rate, and now and then a burst of half a second's requests."""
        rng = random.Random(f"arrivals {self.seed}")
        at, burst_at = 0.0, _BURST_EVERY_S
        while (at := at + rng.expovariate(self.rate)) < self.end:
            if WARM_UP_S < at < LOAD_BEGINS_S:
                continue
            yield _arrival(rng, at)
            if at > burst_at:
                burst_at = at + rng.uniform(0.5, 1.5) * _BURST_EVERY_S
                yield from [_arrival(rng, at) for _ in range(int(self.rate / 2))]


def _arrival(rng: random.Random, at: float) -> Arrival:
    (kind,) = rng.choices(list(_KINDS), list(_KINDS.values()))
    query, leaves_after = {}, None
    headers = {"x-functions-key": FUNCTION_KEY}
    if kind == "no-cache":
        headers["Cache-Control"] = rng.choice(("no-cache", "max-age=0, No-Cache"))
    elif kind == "min-validity":
        query["minValidity"] = rng.choice(_MIN_VALIDITIES)
    elif kind == "bad":
        query["minValidity"] = rng.choice(_BAD_VALIDITIES)
    elif kind == "leaves":
        leaves_after = rng.uniform(0.01, 0.5)
    if rng.random() < 1 / 3:
        headers["MS-CV"] = rng.choice(_VECTORS)
    return Arrival(at, kind, query, headers, leaves_after)
