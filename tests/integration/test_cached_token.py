"""Contract section 5: how long a token is served from the cache, and when it is replaced."""

import asyncio

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.integration.app import App, Load

FAULTS = [
    *(Fault(status=status) for status in (401, 429, 503)),
    Fault(drop="before"),
    Fault(delay=60),
    Fault(body="rubbish"),
]


async def cached_after(app: App, services: SimulatedServices, calls: int) -> None:
    """Wait until the STS has issued that many tokens and the last is cached: a call counts before its token is made."""
    for _ in range(1000):
        issued = services.sts.issued
        if len(issued) >= calls and (await app.get()).json["AccessToken"] == issued[-1]:
            return
        await asyncio.sleep(0.01)
    pytest.fail("no refresh")


@pytest.mark.parametrize("name", ["identity", "key-vault", "sts"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: repr(fault)[:70])
async def test_no_fault_reaches_a_caller_while_a_token_is_cached(
    load: Load, services: SimulatedServices, name: str, fault: Fault
) -> None:
    """Callers get a stale token at once whatever fault a service has, also if they ask for more lifetime."""
    app = await load(ARR_MAX_WAIT_SECONDS="1")
    token = (await app.get()).json["AccessToken"]
    services.by_name()[name].faults.set(fault)
    app.advance(4000)
    async with asyncio.timeout(0.9):
        responses = [await app.get() for _ in range(3)]
    responses.append(await app.get({"minValidity": "82700"}))
    if name == "sts":
        assert [response.json["AccessToken"] for response in responses] == [token] * 4
    assert [response.status for response in responses] == [200] * 4


async def test_a_stale_token_is_replaced_in_the_background(load: Load, services: SimulatedServices) -> None:
    """The request that finds the token stale gets it at once; a later one gets the next token."""
    app = await load()
    first = (await app.get()).json["AccessToken"]
    app.advance(3600 * 1.1)
    assert (await app.get()).json["AccessToken"] == first
    await cached_after(app, services, 2)
    assert any("started=refresh" in line for line in app.lines)


async def test_a_token_that_is_not_usable_is_replaced_first(load: Load, services: SimulatedServices) -> None:
    """With no more than ARR_MIN_VALIDITY_SECONDS left, the request waits for the next."""
    app = await load()
    await app.get()
    app.advance(86_400 - 900)
    response = await app.get()
    assert response.json["AccessToken"] == services.sts.issued[-1]
    assert response.headers["age"] == "0"
    assert services.sts.faults.count == 2


async def test_min_validity_gets_a_new_token(load: Load, services: SimulatedServices) -> None:
    """A caller gets the cached token if it lasts long enough, and otherwise a new one."""
    app = await load()
    await app.get()
    app.advance(3000)
    assert (await app.get({"minValidity": "82800"})).json["ExpiresIn"] >= 82_800
    assert services.sts.faults.count == 1
    app.advance(700)
    assert (await app.get({"minValidity": "82800"})).headers["age"] == "0"
    assert services.sts.faults.count == 2


async def test_min_validity_gets_the_longest_lived_token_there_is(load: Load, services: SimulatedServices) -> None:
    """A new token satisfies every request for 30 s, and ExpiresIn tells how long it lives."""
    services.sts.options.lifetime = 3600
    app = await load()
    for _ in range(3):
        assert 3500 < (await app.get({"minValidity": "82800"})).json["ExpiresIn"] <= 3600
    assert services.sts.faults.count == 1


@pytest.mark.parametrize("value", ["no-cache", "No-Cache", "max-age=0, NO-CACHE", "no-store,no-cache ,x"])
async def test_no_cache_replaces_a_rejected_token(load: Load, services: SimulatedServices, value: str) -> None:
    """A caller with no-cache gets a new token once the cached one is 30 s old."""
    app = await load()
    first = (await app.get()).json["AccessToken"]
    app.advance(29)
    assert (await app.get(cache_control=value)).json["AccessToken"] == first
    app.advance(1)
    assert (await app.get(cache_control=value)).json["AccessToken"] != first
    assert services.sts.faults.count == 2


@pytest.mark.parametrize("value", ["max-age=0", 'x="no-cache"', 'x="a, no-cache, b"', "no-cached", "", "no cache"])
async def test_other_directives_replace_no_token(load: Load, services: SimulatedServices, value: str) -> None:
    """Only the directive no-cache says that a token was rejected."""
    app = await load()
    await app.get()
    app.advance(100)
    await app.get(cache_control=value)
    assert services.sts.faults.count == 1


async def test_a_rejected_token_is_not_served_again_during_an_outage(load: Load, services: SimulatedServices) -> None:
    """A request with no-cache gets the problem; all others get the cached token."""
    app = await load()
    await app.get()
    app.advance(60)
    services.sts.faults.set(Fault(status=400))
    assert (await app.get(cache_control="no-cache")).code == "sts-rejected-request"
    assert (await app.get()).status == 200


@pytest.mark.parametrize("lifetime", [600, 901, 930])
async def test_a_short_lived_token_does_not_mean_a_call_per_request(
    load: Load, services: SimulatedServices, lifetime: int
) -> None:
    """Issued with no more than ARR_MIN_VALIDITY_SECONDS and 30 s, a token is usable for 30 s, and stale after 15."""
    services.sts.options.lifetime = lifetime
    app = await load()
    first = (await app.get()).json["AccessToken"]
    app.advance(14)
    assert [(await app.get()).json["AccessToken"] for _ in range(5)] == [first] * 5
    assert services.sts.faults.count == 1
    app.advance(15)
    assert (await app.get()).json["AccessToken"] == first
    await cached_after(app, services, 2)


async def test_a_background_refresh_never_shortens_the_life(load: Load, services: SimulatedServices) -> None:
    """A new token with less life than the cached one is not served, and its exchange counts as failed."""
    app = await load()
    first = (await app.get()).json["AccessToken"]
    services.sts.options.lifetime = 600
    app.advance(4000)
    await app.get()
    await app.exchanges_end()
    assert (await app.get()).json["AccessToken"] == first
    assert "outcome=sts-invalid-response upstream=sts status=- kind=lifetime" in app.lines[-2]
    assert services.sts.faults.count == 2


async def test_a_token_that_is_alive_serves_in_an_outage(load: Load, services: SimulatedServices) -> None:
    """Callers get a token that is no longer usable until it expires, and only then the problem."""
    services.sts.options.lifetime = 45
    app = await load(ARR_MIN_VALIDITY_SECONDS="30")
    first = (await app.get()).json["AccessToken"]
    services.sts.faults.set(Fault(status=503, headers={"Retry-After": "3600"}))
    app.advance(40)
    for _ in range(2):
        assert (await app.get()).json["AccessToken"] == first
    app.advance(5)
    assert (await app.get()).code == "sts-unavailable"


async def test_a_token_of_unknown_lifetime_is_served_for_the_refresh_time_only(
    load: Load, services: SimulatedServices
) -> None:
    """No caller gets a token of unknown lifetime after ARR_REFRESH_AFTER_SECONDS, since it may have expired."""
    services.sts.options.claims = {"exp": None}
    app = await load()
    first = (await app.get()).json["AccessToken"]
    services.sts.faults.set(Fault(status=500))
    app.advance(3599)
    assert (await app.get()).json["AccessToken"] == first
    app.advance(1)
    assert (await app.get()).code == "sts-unavailable"
