"""The report, from made-up figures."""

import re
from datetime import date

import pytest

from bench import report
from bench.apps import App
from bench.day import Day
from bench.plan import FULL, Setting
from bench.results import Calls, Latency, Rate, Results, Spread, Start, bars, hardest, start_bars

_STARTS = {
    App.OURS: [Start(0.1, 0.2, 0.2, 50)] * 2,
    App.FLOOR: [Start(0.1, 0.1, 0.1, 30)] * 2,
    App.SAMPLE: [Start(0.2, 0.4, 0.2, 60)] * 2,
}


@pytest.fixture
def results() -> Results:
    """Two rounds in which every bar is met."""
    made = Results()
    for app in App:
        ours = app is App.OURS
        made.rates[app] = {
            callers: [Rate(8_000 if ours else 100, 0.05, 0.1), Rate(9_000 if ours else 100, 0.05, 0.1)]
            for callers in FULL.at_once
        }
    made.starts = {setting: dict(_STARTS) for setting in Setting}
    made.cached = {App.OURS: [Latency(0.00012, 0.0002)] * 2, App.FLOOR: [Latency(0.0001, 0.0002)] * 2}
    made.calls = {App.OURS: Calls(4, 4, extrapolated=False), App.SAMPLE: Calls(3_001, 300_001, extrapolated=True)}
    made.fleet = {jitter: Day(10) for jitter in (True, False)}
    return made


def test_a_ratio_is_taken_round_by_round() -> None:
    """Other load on the machine affects both figures of a round, so their ratio stays the same."""
    assert Spread.of_ratio([2, 30, 4], [1, 10, 4]) == (2, 1, 3)


def test_the_bars_are_compared_at_the_median(results: Results) -> None:
    """One bad round does not fail a bar."""
    results.starts[Setting.AZURE] = {app: starts * 2 for app, starts in _STARTS.items()}
    results.starts[Setting.AZURE][App.OURS][0] = Start(1.0, 2.0, 2.0, 500)
    assert all(bar.met for bar in bars(results))


def test_a_busy_hosts_own_time_does_not_count() -> None:
    """The bar compares only the time that a function adds to the host's own."""
    starts = {
        App.OURS: [Start(0.1, 0.50, 0.2, 50)],
        App.FLOOR: [Start(0.1, 0.40, 0.1, 30)],
        App.SAMPLE: [Start(0.2, 0.65, 0.2, 60)],
    }
    (bar,) = start_bars(Setting.BUSY_HOST, starts)
    assert bar.ratio.median == pytest.approx(0.4)
    assert not bar.met


def test_a_first_token_that_costs_nothing_on_a_busy_host_meets_the_bar() -> None:
    """A bar is met if the exchange ended while the host was busy."""
    starts = {app: [Start(0.1, 0.4, 0.1, 50)] for app in (App.OURS, App.FLOOR)} | {
        App.SAMPLE: [Start(0.2, 0.65, 0.2, 60)]
    }
    (bar,) = start_bars(Setting.BUSY_HOST, starts)
    assert bar.ratio.median == 0
    assert bar.met


def test_the_clients_best_number_of_callers_counts(results: Results) -> None:
    """The bar holds at any number of callers."""
    results.rates[App.CLIENT][32] = [Rate(1_000, 0.05, 0.1), Rate(1_000, 0.05, 0.1)]
    assert hardest(results, App.CLIENT) == (8.5, 8, 9)
    assert not bars(results)[1].met


def test_a_bar_that_is_not_met_says_so(results: Results) -> None:
    """A reader sees each bar that is not met."""
    assert "not met" not in report.bars_table(results)
    results.cached[App.OURS] = [Latency(0.00013, 0.0002)] * 2
    assert report.bars_table(results).count("**not met**") == 1


def test_the_report_is_whole(results: Results) -> None:
    """The report opens with a picture, and each table row has all its columns."""
    text = report.text(results, FULL, "A CPU, 2 cores", date(2026, 11, 24))
    assert re.match(r"# Benchmarks\n\n!\[[^\]]+\]\(benchmarks\.svg\)\n", text)
    assert "≈ 300,001" in text
    assert "2026-11-24" in text
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert tables
    for table in tables:
        assert len({row.count("|") for row in table.splitlines()}) == 1
