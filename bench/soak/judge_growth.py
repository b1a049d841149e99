"""What the function's process holds at the end is what it held at the start."""

from collections.abc import Callable
from statistics import quantiles
from typing import Final

from bench.soak.evidence import Evidence
from bench.soak.samples import Sample
from bench.soak.verdict import Verdict

_FEWEST: Final = 8  # samples in each half; below, there is no first half
#: Of Python's memory blocks, per request: less than one, so that nothing is kept of each. One exchange that is kept
#: holds thousands.
_BLOCKS_PER_REQUEST: Final = 0.2
_BLOCKS_SWING: Final = 20_000  # with the callers who wait and their connections; seen: 11,000 between calm halves
#: Of resident memory, per second: a kept exchange holds some 200 KiB, and there is about one a second.
_RSS_KIB_PER_S: Final = 50
_RSS_SWING_KIB: Final = 8_192  # with the same; seen: 6,500


def judge_growth(evidence: Evidence) -> Verdict:
    """Compare the second half with the first, and the quiet at the end with nothing."""
    during = [sample for sample in evidence.samples if sample.at > evidence.played.started + evidence.plan.seconds / 10]
    half = len(during) // 2
    first, second = during[:half], during[half:-1]
    if min(len(first), len(second)) < _FEWEST:
        return Verdict("no growth", f"{len(during)} samples", ["too few samples"])
    seconds = second[-1].at - first[0].at
    requests = len(evidence.answers) / 2
    limits: dict[str, tuple[Callable[[Sample], int], float]] = {
        "exchange threads": (lambda one: one.exchange_threads, 0),
        "other threads": (lambda one: one.other_threads, 0),
        "upstream sockets": (lambda one: one.upstream_sockets, 0),
        "open files": (lambda one: one.files, 0),
        "memory blocks": (lambda one: one.blocks, _BLOCKS_SWING + _BLOCKS_PER_REQUEST * requests),
        "resident KiB": (lambda one: one.rss_kib, _RSS_SWING_KIB + _RSS_KIB_PER_S * seconds / 2),
    }
    grown = {name: _low(second, read) - _low(first, read) for name, (read, _) in limits.items()}
    breaches = [
        f"{name}: {grown[name]:+,.0f}, at most {limit:,.0f}"
        for name, (_, limit) in limits.items()
        if grown[name] > limit
    ]
    breaches += _left(evidence.samples[-1], first)
    shown = ", ".join(f"{name} {grown[name]:+,.0f}" for name in ("memory blocks", "resident KiB"))
    return Verdict("no growth of memory, threads, sockets, files", shown, breaches)


def _low(samples: list[Sample], read: Callable[[Sample], int]) -> float:
    """Return the lowest tenth: what is held when least is going on."""
    return quantiles([read(sample) for sample in samples], n=10)[0]


def _left(last: Sample, first: list[Sample]) -> list[str]:
    left = []
    if last.exchange_threads or last.upstream_sockets > 0:
        left.append(f"at the end: {last.exchange_threads} exchange threads, {last.upstream_sockets} upstream sockets")
    if last.files > max(one.files for one in first) or last.other_threads > max(one.other_threads for one in first):
        left.append(f"at the end: {last.files} files, {last.other_threads} threads")
    return left
