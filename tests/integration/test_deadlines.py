"""Contract section 5: no request waits longer than promised. Deadlines are real here, with the shortest settings."""

import asyncio
import time

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.integration.app import DAY_S, Load
from tests.unit.upstreams.server import SilentAddress, resolve


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param("identity", Fault(delay=60), id="the identity endpoint hangs"),
        pytest.param("key-vault", Fault(trickle="headers", interval=0.2), id="Key Vault trickles its headers"),
        pytest.param("sts", Fault(trickle="body", interval=0.2), id="the STS trickles its body"),
    ],
)
async def test_a_slow_upstream_costs_no_caller_more_than_the_wait(
    load: Load, services: SimulatedServices, name: str, fault: Fault
) -> None:
    """A caller of a hanging or trickling service gets upstream-timeout within a second of the wait."""
    services.by_name()[name].faults.set(fault)
    app = await load(ARR_MAX_WAIT_SECONDS="1")
    began = time.monotonic()
    response = await app.get()
    assert (response.status, response.code) == (504, "upstream-timeout")
    assert response.retry_after >= 1
    assert time.monotonic() - began < 2


async def test_a_slow_upstream_fills_the_cache_for_the_next(load: Load, services: SimulatedServices) -> None:
    """After a caller's time-out the exchange goes on, and the next caller gets its token."""
    services.sts.faults.set(Fault(delay=1.3))
    app = await load(ARR_MAX_WAIT_SECONDS="1")
    assert (await app.get()).code == "upstream-timeout"
    assert (await app.get()).status == 200
    assert services.sts.faults.count == 1


async def test_an_exchange_past_its_deadline_is_aborted(load: Load, services: SimulatedServices) -> None:
    """After three times the wait its thread ends, and the next exchange gets a token."""
    services.sts.faults.set(Fault(trickle="headers", interval=0.1, times=1))
    app = await load(ARR_MAX_WAIT_SECONDS="1")
    for _ in range(3):
        assert (await app.get()).code == "upstream-timeout"
    await app.exchanges_end()
    app.advance(1)
    assert (await app.get()).status == 200
    assert any("outcome=upstream-timeout upstream=sts" in line and "kind=deadline" in line for line in app.lines)


async def test_one_dead_address_of_two_costs_four_seconds(
    load: Load, services: SimulatedServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If one address of the STS drops packets, the exchange uses the next one, and callers get a token."""
    app = await load(ARR_STS_URL=f"https://localhost:{services.sts.port}")
    await app.expire()
    with SilentAddress() as silent:
        resolve(monkeypatch, silent.address, f"127.0.0.1:{services.sts.port}", name="localhost")
        began = time.monotonic()
        assert (await app.get()).status == 200
        assert 4 <= time.monotonic() - began < 6
    assert services.sts.faults.count == 2


async def test_a_hanging_identity_endpoint_costs_five_seconds(load: Load, services: SimulatedServices) -> None:
    """If the renewal of the identity's token hangs, the old token still serves, and callers get a token."""
    app = await load()
    await app.get()
    services.identity.faults.set(Fault(delay=60))
    app.advance(DAY_S / 2 + 60)
    began = time.monotonic()
    assert (await app.get(cache_control="no-cache")).headers["age"] == "0"
    assert 5 <= time.monotonic() - began < 7
    assert services.identity.faults.count == 2


async def test_others_are_answered_while_a_hundred_wait(load: Load, services: SimulatedServices) -> None:
    """A bad request and a cached token are answered at once while other requests wait for an exchange."""
    app = await load()
    await app.get()
    app.advance(60)
    services.sts.faults.set(Fault(delay=1))
    waiting = [asyncio.ensure_future(app.get(cache_control="no-cache")) for _ in range(100)]
    await asyncio.sleep(0)
    async with asyncio.timeout(0.5):
        assert (await app.get()).status == 200
        assert (await app.get({"minValidity": "x"})).code == "invalid-request"
    assert not any(task.done() for task in waiting)
    assert {response.status for response in await asyncio.gather(*waiting)} == {200}
    assert services.sts.faults.count == 2
