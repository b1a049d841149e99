"""Contract section 5: what happens after a failed exchange."""

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.integration.app import Load


async def test_a_failure_is_told_to_all_without_another_call(load: Load, services: SimulatedServices) -> None:
    """Requests within the cool-down get the same problem at once, and what is left of it as Retry-After."""
    services.sts.faults.set(Fault(status=429, headers={"Retry-After": "100"}))
    app = await load()
    assert (await app.get()).retry_after == 100
    app.advance(40)
    later = await app.get()
    assert later.code == "sts-throttled"
    assert 60 <= later.retry_after <= 65
    app.advance(later.retry_after)
    services.sts.faults.clear()
    assert (await app.get()).status == 200


async def test_no_retry_after_is_shortened_and_a_success_ends_it(load: Load, services: SimulatedServices) -> None:
    """The next exchange starts when the upstream's time and its jitter are over."""
    services.sts.faults.set(Fault(status=429, headers={"Retry-After": "100"}, times=1))
    app = await load()
    first = await app.get()
    app.advance(99.5)
    assert (await app.get()).code == "sts-throttled"
    app.advance(0.05 * 100 + 0.5)
    assert (await app.get()).status == 200
    assert first.json["msCv"] is not None


@pytest.mark.parametrize(("wish", "pause_s"), [(None, 1), ("100", 105)])
async def test_operators_faults_cool_down_without_retry_after(
    load: Load, services: SimulatedServices, wish: str | None, pause_s: int
) -> None:
    """A refused key is not tried again before the STS may be asked, and nobody is told to wait."""
    services.sts.faults.set(Fault(status=401, headers={"Retry-After": wish}, times=1))
    app = await load()
    for _ in range(2):
        answer = await app.get()
        assert answer.code == "account-key-rejected"
        assert "retry-after" not in answer.headers
    assert services.sts.faults.count == 1
    app.advance(pause_s)
    assert (await app.get()).status == 200


async def test_the_pauses_double(load: Load, services: SimulatedServices) -> None:
    """1, 2, 4 … seconds up to a minute, each a little shorter by jitter."""
    services.sts.faults.set(Fault(status=429))
    app = await load()
    for calls, pause_s in enumerate((1, 2, 4, 8, 16, 32, 60, 60), start=1):
        assert (await app.get()).retry_after <= pause_s
        app.advance(pause_s * 0.9 - 0.2)
        await app.get()
        assert services.sts.faults.count == calls
        app.advance(pause_s * 0.1 + 0.2)


async def test_one_failed_attempt_of_each_kind_is_not_seen(load: Load, services: SimulatedServices) -> None:
    """A dropped connection or a 5xx is tried again within the exchange, at most twice for each service."""
    for name, service in services.by_name().items():
        service.faults.set(Fault(drop="before", times=2) if name == "sts" else Fault(status=503, times=1))
    assert (await (await load()).get()).status == 200
    bases = [call.headers["X-MRC-CV"] for call in services.sts.faults.calls]
    assert len(set(bases)) == 3


async def test_a_service_that_asks_for_patience_is_not_tried_again(load: Load, services: SimulatedServices) -> None:
    """A 503 with Retry-After becomes the cool-down instead of a retry."""
    services.key_vault.faults.set(Fault(status=503, headers={"Retry-After": "20"}))
    answer = await (await load()).get()
    assert (answer.code, answer.retry_after) == ("key-vault-unavailable", 20)
    assert services.key_vault.faults.count == 1
