"""The simulated fleet, with few workers."""

import pytest

from bench import day
from bench.day import Day
from bench.fleet import simulate

_WORKERS = 40


@pytest.fixture(scope="module")
def with_jitter() -> Day:
    return simulate(_WORKERS, jitter=True)


def test_no_caller_notices_the_outage(with_jitter: Day) -> None:
    """Callers get cached tokens through an hour without the STS."""
    assert with_jitter.served(*day.OUTAGE_S) == 1.0


def test_every_worker_gets_its_token_at_the_start(with_jitter: Day) -> None:
    """A fleet below the upstreams' limits has all its tokens after one exchange each."""
    assert with_jitter.all_supplied_s < 1
    assert with_jitter.sts[0] == _WORKERS
    assert with_jitter.vault_peak(0, 10) == _WORKERS


def test_workers_refresh_about_once_an_hour(with_jitter: Day) -> None:
    """Without faults, no worker calls the STS more often than the refresh interval says."""
    refreshes = sum(with_jitter.sts[second] for second in range(1, day.OUTAGE_S[0]))
    hours = day.OUTAGE_S[0] / 3_600
    assert 0.9 * (hours - 1) * _WORKERS < refreshes < 1.1 * hours * _WORKERS


def test_an_outage_does_not_multiply_the_load(with_jitter: Day) -> None:
    """A refresh makes one call, and the next comes after the cool-down, which jitter shortens to 54 s."""
    calls = sum(with_jitter.sts[second] for second in range(*day.OUTAGE_S))
    longest_cool_downs = (day.OUTAGE_S[1] - day.OUTAGE_S[0]) / 54
    shorter_cool_downs = 6  # from 1 to 32 s
    assert calls <= _WORKERS * (longest_cool_downs + shorter_cool_downs)


def test_jitter_keeps_a_fleet_from_refreshing_in_step(with_jitter: Day) -> None:
    """Without jitter, workers that started together still refresh together an hour later."""
    first_refresh = (3_000, 5_000)
    assert with_jitter.sts_peak(*first_refresh) < simulate(_WORKERS, jitter=False).sts_peak(*first_refresh)


def test_the_same_seed_makes_the_same_day() -> None:
    """The figures can be reproduced."""
    assert simulate(5, jitter=True, seed=7) == simulate(5, jitter=True, seed=7)


def test_callers_are_refused_while_the_sts_throttles_a_start_in_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker beyond the STS's limit refuses its callers at first, and gets a token later."""
    monkeypatch.setattr(day, "STS_LIMIT", 4)
    crowded = simulate(_WORKERS, jitter=True)
    assert sum(crowded.refused.values()) > 0
    assert 1 < crowded.all_supplied_s < 600
    assert crowded.served(*day.OUTAGE_S) == 1.0
