"""Contract section 5: nobody waits longer than promised. Deadlines are real here, with the shortest settings."""

import asyncio
import threading
import time

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.integration.app import Load

STRETCHED = [
    Fault(delay=60),
    Fault(trickle="headers", interval=0.2),
    Fault(trickle="body", interval=0.2),
]


@pytest.mark.parametrize("name", ["identity", "key-vault", "sts"])
@pytest.mark.parametrize("fault", STRETCHED, ids=lambda fault: f"{fault.delay}-{fault.trickle}-{fault.interval}")
async def test_a_stretched_answer_costs_no_caller_more_than_the_wait(
    load: Load, services: SimulatedServices, name: str, fault: Fault
) -> None:
    """A service that hangs, or sends a byte now and then, ends in upstream-timeout within a second more."""
    services.by_name()[name].faults.set(fault)
    app = await load(ARR_MAX_WAIT_SECONDS="1")
    began = time.monotonic()
    answer = await app.get()
    assert (answer.status, answer.code) == (504, "upstream-timeout")
    assert answer.retry_after >= 1
    assert time.monotonic() - began < 2


async def test_a_slow_upstream_fills_the_cache_for_the_next(load: Load, services: SimulatedServices) -> None:
    """One caller's patience ends, the exchange goes on, and the next caller has its token."""
    services.sts.faults.set(Fault(delay=1.3))
    app = await load(ARR_MAX_WAIT_SECONDS="1")
    assert (await app.get()).code == "upstream-timeout"
    assert (await app.get()).status == 200
    assert services.sts.faults.count == 1


async def test_an_exchange_that_outlives_its_deadline_is_given_up(load: Load, services: SimulatedServices) -> None:
    """After three times the wait its thread ends, it has failed, and the next one can succeed."""
    services.sts.faults.set(Fault(trickle="headers", interval=0.1, times=1))
    app = await load(ARR_MAX_WAIT_SECONDS="1")
    for _ in range(3):
        assert (await app.get()).code == "upstream-timeout"
    await asyncio.to_thread(_exchange_threads_end)
    app.advance(1)
    assert (await app.get()).status == 200
    assert any("outcome=upstream-timeout upstream=sts" in line and "kind=deadline" in line for line in app.lines)


def _exchange_threads_end() -> None:
    for thread in threading.enumerate():
        if thread.name == "arr-token-exchange":
            thread.join(2)
            assert not thread.is_alive()


async def test_others_are_answered_while_a_hundred_wait(load: Load, services: SimulatedServices) -> None:
    """A bad request, and a held token, go out at once beside those who wait for an exchange."""
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
    assert {answer.status for answer in await asyncio.gather(*waiting)} == {200}
    assert services.sts.faults.count == 2
