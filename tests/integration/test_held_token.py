"""Contract section 5: what a held token saves its callers from, and when it is replaced."""

import asyncio

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.integration.app import App, Load

FAULTS = [
    *(Fault(status=status) for status in (400, 401, 403, 404, 429, 500, 503)),
    Fault(drop="before"),
    Fault(delay=60),
    Fault(trickle="body"),
    Fault(body="rubbish"),
    Fault(raw=b"rubbish"),
]


async def settled(app: App, services: SimulatedServices, calls: int) -> None:
    """Wait until the STS has issued that many tokens and the last is held: a call counts before its token is made."""
    for _ in range(1000):
        issued = services.sts.issued
        if len(issued) >= calls and (await app.get()).json["AccessToken"] == issued[-1]:
            return
        await asyncio.sleep(0.01)
    pytest.fail("no refresh")


@pytest.mark.parametrize("name", ["identity", "key-vault", "sts"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: repr(fault)[:70])
async def test_no_fault_reaches_a_caller_while_a_token_is_held(
    load: Load, services: SimulatedServices, name: str, fault: Fault
) -> None:
    """Whatever any service does, an ageing token goes out at once, also to who would like a longer life."""
    app = await load(ARR_MAX_WAIT_SECONDS="1")
    token = (await app.get()).json["AccessToken"]
    services.by_name()[name].faults.set(fault)
    app.advance(4000)
    async with asyncio.timeout(0.9):
        answers = [await app.get() for _ in range(3)]
    answers.append(await app.get({"minValidity": "82700"}))
    if name == "sts":
        assert [answer.json["AccessToken"] for answer in answers] == [token] * 4
    assert [answer.status for answer in answers] == [200] * 4


async def test_an_ageing_token_is_replaced_in_the_background(load: Load, services: SimulatedServices) -> None:
    """The caller who finds it ageing gets it at once; a later one gets the next."""
    app = await load()
    first = (await app.get()).json["AccessToken"]
    app.advance(3600 * 1.1)
    assert (await app.get()).json["AccessToken"] == first
    await settled(app, services, 2)
    assert any("started=refresh" in line for line in app.lines)


async def test_a_spent_token_is_waited_for(load: Load, services: SimulatedServices) -> None:
    """With no more than ARR_MIN_VALIDITY_SECONDS left, the caller waits for the next."""
    app = await load()
    await app.get()
    app.advance(86_400 - 900)
    answer = await app.get()
    assert answer.json["AccessToken"] == services.sts.issued[-1]
    assert answer.headers["age"] == "0"
    assert services.sts.faults.count == 2


async def test_who_asks_for_more_life_gets_a_new_token(load: Load, services: SimulatedServices) -> None:
    """The held token is good enough for one, not for the other."""
    app = await load()
    await app.get()
    app.advance(3000)
    assert (await app.get({"minValidity": "82800"})).json["ExpiresIn"] >= 82_800
    assert services.sts.faults.count == 1
    app.advance(700)
    assert (await app.get({"minValidity": "82800"})).headers["age"] == "0"
    assert services.sts.faults.count == 2


async def test_who_asks_for_more_life_than_there_is_gets_the_best(load: Load, services: SimulatedServices) -> None:
    """A short-lived token is new for 30 s to everyone, and ExpiresIn tells what it is."""
    services.sts.options.lifetime = 3600
    app = await load()
    for _ in range(3):
        assert 3500 < (await app.get({"minValidity": "82800"})).json["ExpiresIn"] <= 3600
    assert services.sts.faults.count == 1


@pytest.mark.parametrize("value", ["no-cache", "No-Cache", "max-age=0, NO-CACHE", "no-store,no-cache ,x"])
async def test_a_refused_token_is_replaced(load: Load, services: SimulatedServices, value: str) -> None:
    """no-cache fetches a new token, once it is 30 s old."""
    app = await load()
    first = (await app.get()).json["AccessToken"]
    app.advance(29)
    assert (await app.get(cache_control=value)).json["AccessToken"] == first
    app.advance(1)
    assert (await app.get(cache_control=value)).json["AccessToken"] != first
    assert services.sts.faults.count == 2


@pytest.mark.parametrize("value", ["max-age=0", 'x="no-cache"', 'x="a, no-cache, b"', "no-cached", "", "no cache"])
async def test_other_directives_replace_nothing(load: Load, services: SimulatedServices, value: str) -> None:
    """Only the directive no-cache says that a token was refused."""
    app = await load()
    await app.get()
    app.advance(100)
    await app.get(cache_control=value)
    assert services.sts.faults.count == 1


async def test_a_refused_token_is_not_served_again_during_an_outage(load: Load, services: SimulatedServices) -> None:
    """Who sent no-cache gets the problem; everybody else the held token."""
    app = await load()
    await app.get()
    app.advance(60)
    services.sts.faults.set(Fault(status=400))
    assert (await app.get(cache_control="no-cache")).code == "sts-rejected-request"
    assert (await app.get()).status == 200


async def test_a_short_lived_token_does_not_mean_a_call_per_request(load: Load, services: SimulatedServices) -> None:
    """Issued with no more than the minimum, a token serves for 30 s."""
    services.sts.options.lifetime = 600
    app = await load()
    for _ in range(5):
        assert (await app.get()).status == 200
    app.advance(29)
    await app.get()
    assert services.sts.faults.count == 1
    app.advance(1)
    await app.get()
    assert services.sts.faults.count == 2


async def test_a_token_of_unknown_life_serves_for_the_refresh_time_only(
    load: Load, services: SimulatedServices
) -> None:
    """Nobody knows when it ends, so it is replaced, waited for, after ARR_REFRESH_AFTER_SECONDS."""
    services.sts.options.claims = {"exp": None}
    app = await load()
    first = (await app.get()).json["AccessToken"]
    services.sts.faults.set(Fault(status=500))
    app.advance(3599)
    assert (await app.get()).json["AccessToken"] == first
    app.advance(1)
    assert (await app.get()).code == "sts-unavailable"
