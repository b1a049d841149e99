"""Contract section 5: the time after a failed exchange."""

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.integration.app import Load


async def test_a_caller_that_obeys_retry_after_is_not_refused(load: Load, services: SimulatedServices) -> None:
    """In the cool-down requests get the problem at once, without an upstream call; a success ends it."""
    services.sts.faults.set(Fault(status=429, headers={"Retry-After": "100"}, times=1))
    app = await load()
    for advance_s, retry_after_s in ((0, 100), (40, 60), (59, 1)):
        app.advance(advance_s)
        response = await app.get()
        assert (response.code, response.retry_after) == ("sts-throttled", retry_after_s)
    assert services.sts.faults.count == 1
    app.advance(1)
    assert (await app.get()).status == 200


@pytest.mark.parametrize("retry_after", [None, "3600"])
@pytest.mark.parametrize(
    ("name", "status", "code"),
    [("key-vault", 403, "account-key-unavailable"), ("sts", 401, "account-key-rejected")],
)
async def test_an_operators_correction_counts_after_a_second(
    load: Load, services: SimulatedServices, name: str, status: int, code: str, retry_after: str | None
) -> None:
    """After an operator's correction a token comes within a second, whatever Retry-After an upstream sent."""
    app = await load()
    await app.expire()
    upstream = services.by_name()[name]
    upstream.faults.reset()
    upstream.faults.set(Fault(status=status, headers={"Retry-After": retry_after}, times=1))
    for _ in range(2):
        response = await app.get()
        assert response.code == code
        assert "retry-after" not in response.headers
    assert upstream.faults.count == 1
    app.advance(1)
    assert (await app.get()).status == 200


async def test_pauses_double(load: Load, services: SimulatedServices) -> None:
    """Exchanges start 1, 2, 4 … up to 60 seconds apart, each a little earlier by jitter."""
    app = await load()
    await app.expire()
    services.sts.faults.reset()
    services.sts.faults.set(Fault(status=429))
    for calls, pause_s in enumerate((1, 2, 4, 8, 16, 32, 60, 60), start=1):
        assert (await app.get()).retry_after <= pause_s
        app.advance(pause_s * 0.9 - 0.2)
        await app.get()
        assert services.sts.faults.count == calls
        app.advance(pause_s * 0.1 + 0.2)


async def test_a_failure_at_load_harms_nothing(load: Load, services: SimulatedServices) -> None:
    """If the cause has passed before the first request comes, that request gets a token."""
    services.sts.faults.set(Fault(status=400, times=1))
    app = await load()
    await app.exchanges_end()
    assert (await app.get()).status == 200
    assert [" started=load " in app.lines[0], " started=request " in app.lines[1]] == [True, True]


async def test_callers_do_not_notice_one_failure_of_each_upstream(load: Load, services: SimulatedServices) -> None:
    """A dropped connection or a 5xx is retried within the exchange, at most twice for each upstream."""
    for name, service in services.by_name().items():
        service.faults.set(Fault(drop="before", times=2) if name == "sts" else Fault(status=503, times=1))
    assert (await (await load()).get()).status == 200
    bases = [call.headers["X-MRC-CV"] for call in services.sts.faults.calls]
    assert len(set(bases)) == 3


async def test_a_background_refresh_makes_one_attempt(load: Load, services: SimulatedServices) -> None:
    """A refresh that fails is not retried, so an outage does not triple a fleet's load."""
    app = await load()
    await app.get()
    services.sts.faults.reset()
    services.sts.faults.set(Fault(status=503))
    app.advance(4000)
    assert (await app.get()).status == 200
    await app.exchanges_end()
    assert (await app.get()).status == 200
    assert services.sts.faults.count == 1
    assert "outcome=sts-unavailable upstream=sts status=503" in app.lines[-2]
    assert " started=refresh " in app.lines[-2]


async def test_an_upstream_that_sends_retry_after_is_not_tried_again(load: Load, services: SimulatedServices) -> None:
    """An upstream's Retry-After becomes the cool-down, and there is no retry."""
    services.key_vault.faults.set(Fault(status=503, headers={"Retry-After": "20"}))
    response = await (await load()).get()
    assert (response.code, response.retry_after) == ("key-vault-unavailable", 20)
    assert services.key_vault.faults.count == 1
