"""How long it waits before it tries again."""

import pytest

from shared.errors import StsUnavailable
from tests.unit.support import FakeClock
from tests.unit.upstreams.harness import Way
from tests.unit.upstreams.server import Server, answer


@pytest.mark.parametrize(("limit_s", "pauses"), [(10, []), (15, [10]), (30, [10]), (35, [10, 20])])
def test_no_pause_goes_beyond_the_deadline(
    limit_s: float, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second pause is twice the first; a retry that could not start before the deadline is not waited for."""
    clock = FakeClock()
    waited: list[float] = []

    def wait(pause_s: float) -> bool:
        waited.append(pause_s)
        clock.tick(pause_s)
        return False

    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (10, 10))
    with Server(answer(500)) as server, Way(limit_s, clock) as way:
        monkeypatch.setattr(way.connections.shutting, "wait", wait)
        with pytest.raises(StsUnavailable):
            way.line().session.get(server.url)
    assert waited == pauses
    assert len(server.requests) == len(pauses) + 1


def test_pauses_are_short_and_differ() -> None:
    """Callers wait for them, and workers that failed together don't come back together."""
    waited: list[float] = []

    for _ in range(20):
        with Server(answer(500)) as server, Way() as way, pytest.MonkeyPatch.context() as patch:
            patch.setattr(way.connections.shutting, "wait", waited.append)
            with pytest.raises(StsUnavailable):
                way.line().session.get(server.url)
    first, second = waited[::2], waited[1::2]
    assert 0.1 <= min(first) < max(first) <= 0.3
    assert 0.2 <= min(second) < max(second) <= 0.6
