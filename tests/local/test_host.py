from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from local.control import Control
from local.host.host import Host
from local.host.worker import Worker
from local.services.simulated_services import SimulatedServices

type MakeApp = Callable[..., Path]
type Client = TestClient[Request, Application]


@pytest.fixture
async def client(make_app: MakeApp, services: SimulatedServices) -> AsyncIterator[Client]:
    """Call the host, which requires the function key `k`."""
    worker = Worker(make_app())
    await worker.load()
    application = Host(worker, "k").application(Control(services, worker.restart).routes())
    async with TestClient(TestServer(application)) as client:
        yield client


@pytest.mark.parametrize("path", ["/api/Echo?code=k", "/API/echo?code=k", "/api/Echo/?code=k"])
async def test_the_route_is_case_insensitive(client: Client, path: str) -> None:
    """The path's case and a trailing slash do not matter; the headers of host.json are sent."""
    response = await client.get(path)
    assert response.status == 200
    assert response.headers["X-Own"] == "1"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_faults_are_set_and_cleared(client: Client, services: SimulatedServices) -> None:
    """PUT sets a fault of one simulated service, DELETE clears it, and reset clears all."""
    response = await client.put("/local/faults/key-vault", data='{"status": 503, "headers": {"Retry-After": "7"}}')
    fault = services.key_vault.faults.current
    assert (response.status, fault and fault.status, fault and fault.headers) == (200, 503, {"Retry-After": "7"})
    await client.delete("/local/faults/key-vault")
    assert services.key_vault.faults.current is None
    await client.put("/local/faults/sts", data='{"raw": "rubbish"}')
    await client.post("/local/reset")
    assert services.sts.faults.current is None


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("faults/sts", '{"statu": 503}', "statu"),
        ("faults/sts", '{"status": "503"}', "status"),
        ("faults/sts", '{"delay": -1}', "delay"),
        ("faults/sts", '{"delay": NaN}', "delay"),
        ("faults/sts", '{"drop": "all"}', "drop"),
        ("faults/sts", '{"headers": {"a": "x\\ny"}}', "one line"),
        ("faults/sts", '{"headers": {"a b": "x"}}', "a b"),
        ("faults/sts", '{"headers": 1}', "headers"),
        ("faults/sts", '{"body": 1}', "body"),
        ("faults/sts", "{}", "at least one"),
        ("faults/sts", "[]", "object"),
        ("faults/sts", "x", "JSON"),
        ("faults/other", '{"status": 503}', "other"),
        ("sts", '{"life": 1}', "life"),
        ("sts", '{"lifetime": 0}', "lifetime"),
        ("sts", '{"clock_offset": true}', "clock_offset"),
    ],
)
async def test_bad_values_are_named(client: Client, path: str, body: str, named: str) -> None:
    """A wrong value gives a 400 with one sentence that names it."""
    response = await client.put(f"/local/{path}", data=body)
    text = await response.text()
    assert response.status == 400
    assert named in text
    assert text.endswith(".\n")
    assert text.count("\n") == 1


async def test_keys_and_options_are_switched(client: Client, services: SimulatedServices) -> None:
    """Rotating changes the key, revoking keeps it in Key Vault, and the STS's options take effect."""
    old = services.account.keys["primary"]
    assert (await client.post("/local/keys/primary/rotate")).status == 200
    assert services.account.keys["primary"] != old
    await client.post("/local/keys/secondary/revoke")
    assert services.account.revoked == {"secondary"}
    await client.post("/local/keys/secondary/restore")
    assert not services.account.revoked
    await client.put("/local/sts", data='{"lifetime": 60, "clock_offset": -5}')
    assert (services.sts.options.lifetime, services.sts.options.clock_offset) == (60, -5)
    assert (await client.post("/local/keys/third/rotate")).status == 400
    assert (await client.get("/local/other")).status == 404


async def test_calls_are_shown_without_secrets(client: Client, services: SimulatedServices) -> None:
    """A user sees counters and last calls, with Authorization and X-IDENTITY-HEADER hidden."""
    headers = {"X-IDENTITY-HEADER": services.identity.header, "Authorization": "Bearer secret"}
    async with client.session.get(services.identity.url, headers=headers) as response:
        assert response.status == 400
    text = await (await client.get("/local/calls")).text()
    assert '"count": 1' in text
    assert services.identity.header not in text
    assert "Bearer secret" not in text


async def test_restart_loads_the_function_anew(client: Client) -> None:
    """After POST /local/restart, the function still responds."""
    assert (await client.post("/local/restart")).status == 200
    assert (await client.get("/api/Echo?code=k")).status == 200
