"""Writes docs/benchmarks.md from the results."""

from datetime import date
from pathlib import Path
from typing import Final

from bench import day
from bench.apps import App
from bench.plan import STARTED, Plan, Setting
from bench.results import Results, bars, hardest
from bench.words import in_ms, times, whole

_START_S: Final = 600  # the first ten minutes
_TEMPLATE: Final = Path(__file__).with_suffix(".md")


def text(results: Results, plan: Plan, machine: str, today: date) -> str:
    """Return the content of the file."""
    return _TEMPLATE.read_text(encoding="utf-8").format(
        summary=_summary(results),
        bars=bars_table(results),
        rounds=plan.rounds,
        start_rounds=plan.start_rounds,
        timelines=plan.timelines,
        beside=_beside(results),
        figures=_figures(results, plan),
        starts=_starts(results),
        fleet=_fleet(results),
        workers=f"{plan.fleet_workers:,}",
        gap_s=day.REQUEST_GAP_S,
        sts_limit=day.STS_LIMIT,
        vault_limit=f"{day.VAULT_LIMIT:,}",
        latency_ms=1_000 * plan.sts_latency_s,
        machine=machine,
        today=f"{today:%Y-%m-%d}",
    )


def bars_table(results: Results) -> str:
    """Return all bars, each with its ratio and whether it is met."""
    rows = [["claim", "bar", "measured", ""]]
    for bar in bars(results):
        limit = f"{'≤' if bar.at_most else '≥'} {bar.limit:g} ×"
        rows.append([bar.claim, limit, times(bar.ratio), "met" if bar.met else "**not met**"])
    return _table(rows)


def _summary(results: Results) -> str:
    latency = in_ms(results.latency(App.OURS, "p50_s").median)
    ratio = hardest(results, App.CLIENT).median
    calls, theirs = results.calls[App.OURS].many, results.calls[App.SAMPLE].many
    return (
        f"A cached token takes {latency}: {ratio:.0f} times as many tokens a second as with "
        f"Microsoft's client, and {calls:,} upstream calls where the usual sample makes {theirs:,}."
    )


def _beside(results: Results) -> str:
    ratio = times(hardest(results, App.CLIENT_ASYNC))
    return (
        "Tokens a second are compared at the number of callers that suits the client best. Its asynchronous form, "
        f"for which a function has to be written anew, comes to {ratio}."
    )


def _figures(results: Results, plan: Plan) -> str:
    def calls(name: str) -> list[str]:
        known = {app: one for app, one in results.calls.items() if app is not App.FLOOR}
        about = {app: "≈ " if one.extrapolated else "" for app, one in known.items()}
        return [f"{about[app]}{getattr(known[app], name):,}" if app in known else "–" for app in App]

    rows = [["", *(str(app) for app in App)]]
    rows += [
        [f"a token, {name}", *(in_ms(results.latency(app, f"{name}_s").median) for app in App)]
        for name in ("p50", "p99")
    ]
    for callers in plan.at_once:
        rows.append(
            [f"tokens a second, {callers} at a time", *(whole(results.rate(app, callers).median) for app in App)]
        )
    rows.append(["upstream calls, 1,000 simultaneous first requests", *calls("first")])
    rows.append(["upstream calls, 100,000 requests", *calls("many")])
    return _table(rows)


def _starts(results: Results) -> str:
    shown = (
        ("load", "load_s", in_ms),
        ("load to first token", "first_s", in_ms),
        ("processor time", "processor_s", in_ms),
        ("resident memory", "resident_mib", "{:.0f} MiB".format),
    )
    rows = [["setting", "", *(str(app) for app in STARTED)]]
    for setting in Setting:
        for name, figure, show in shown:
            medians = (results.start(setting, app, figure).median for app in STARTED)
            rows.append([f"({setting})", name, *(show(median) for median in medians)])
    return _table(rows)


def _fleet(results: Results) -> str:
    with_jitter, without = results.fleet[True], results.fleet[False]
    days = (with_jitter, without)
    down, up = day.OUTAGE_S
    rows = [
        ["", "with jitter", "without"],
        ["STS calls a second at most: start", *(f"{one.sts_peak(0, _START_S):,}" for one in days)],
        ["… refreshes before the outage", *(f"{one.sts_peak(_START_S, down):,}" for one in days)],
        ["… in the outage", *(f"{one.sts_peak(down, up):,}" for one in days)],
        ["… after it", *(f"{one.sts_peak(up):,}" for one in days)],
        ["Key Vault reads in 10 s at most: start", *(f"{one.vault_peak(0, _START_S):,}" for one in days)],
        ["… later", *(f"{one.vault_peak(_START_S):,}" for one in days)],
        ["every worker has a token after", *(f"{one.all_supplied_s:.0f} s" for one in days)],
        ["callers served in the first ten minutes", *(f"{one.served(0, _START_S):.2%}" for one in days)],
        ["… in the outage", *(f"{one.served(down, up):.2%}" for one in days)],
        ["… over the day", *(f"{one.served():.2%}" for one in days)],
    ]
    return _table(rows)


def _table(rows: list[list[str]]) -> str:
    head, *others = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, f"|{'---|' * len(rows[0])}", *others])
