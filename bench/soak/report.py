"""The summary: one screen of text."""

from collections import Counter

from bench.soak.evidence import Evidence
from bench.soak.plan import Plan
from bench.soak.verdict import Verdict

_SHOWN = 5  # breaches of each kind
_PER_MILLE = 1_000


def headline(plan: Plan) -> str:
    """Tell what is going to happen."""
    settings = ", ".join(f"{name.upper()} {value} s" for name, value in plan.lifetimes._asdict().items())
    bands = sum(len(storm.bands) for storm in plan.storms)
    return (
        f"soak: seed {plan.seed}, {plan.seconds:.0f} s, {plan.rate:.0f} requests a second, "
        f"{bands} faults in {len(plan.storms)} outages; {settings}"
    )


def summary(evidence: Evidence, verdicts: list[Verdict]) -> str:
    """Tell what happened, and what did not hold."""
    lines = [_outcomes(evidence), _latency(evidence), ""]
    for verdict in verdicts:
        lines.append(f"{'FAILED' if verdict.breaches else 'holds ':6} {verdict.name} ({verdict.looked_at})")
        lines += [f"         {text}" for text in verdict.breaches[:_SHOWN]]
        if len(verdict.breaches) > _SHOWN:
            lines.append(f"         … and {len(verdict.breaches) - _SHOWN:,} more")
    return "\n".join(lines)


def _outcomes(evidence: Evidence) -> str:
    counts = Counter(answer.outcome for answer in evidence.answers)
    return "answers: " + ", ".join(f"{count:,} {outcome}" for outcome, count in counts.most_common())


def _latency(evidence: Evidence) -> str:
    held = sorted(answer.done - answer.planned for answer in evidence.answers if answer.outcome == "ok")
    if not held:
        return "no token was handed out"
    points = {name: held[min(len(held) - 1, len(held) * mille // _PER_MILLE)] for name, mille in _POINTS.items()}
    lags = [answer.sent - answer.planned for answer in evidence.answers]
    times = ", ".join(f"{name} {seconds * _PER_MILLE:.1f} ms" for name, seconds in points.items())
    return f"tokens: {times}; requests left {max(lags) * _PER_MILLE:.0f} ms late at most"


_POINTS = {"p50": 500, "p99": 990, "p99.9": 999}
