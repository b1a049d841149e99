from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request, Response

from local.same_origin import same_origin_only

type Client = TestClient[Request, Application]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """An application that responds at every path; the function's path is not guarded."""
    application = Application(middlewares=[same_origin_only("/api/Echo")])

    async def respond(_request: Request) -> Response:
        return Response(text="done")

    application.router.add_route("*", "/{path:.*}", respond)
    async with TestClient(TestServer(application)) as client:
        yield client


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:7071", "127.0.0.1:7071", "192.168.1.5", "[::1]:7071"])
async def test_addresses_and_localhost_are_this_machine(client: Client, host: str) -> None:
    """A caller that uses an address or localhost gets a response: DNS rebinding needs a name."""
    assert (await client.put("/local/sts", headers={"Host": host})).status == 200


@pytest.mark.parametrize("host", ["attacker.example", "localhost.attacker.example:7071", "", "[", "127.0.0.1.nip.io"])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
async def test_other_names_are_refused(client: Client, host: str, method: str) -> None:
    """A name that an attacker may have pointed at this machine gets a 403, also for reading."""
    response = await client.request(method, "/local/calls", headers={"Host": host})
    assert response.status == 403
    assert "localhost" in await response.text()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://attacker.example"},
        {"Origin": "http://localhost:8000"},
        {"Origin": "https://localhost:7071"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
async def test_changes_from_other_origins_are_refused(client: Client, headers: dict[str, str], method: str) -> None:
    """A page of another origin, port or scheme can't change anything."""
    response = await client.request(method, "/local/reset", headers={"Host": "localhost:7071"} | headers)
    assert response.status == 403


async def test_the_page_itself_and_curl_may_change_things(client: Client) -> None:
    """Requests of the same origin and requests without an Origin are accepted."""
    page = {"Host": "localhost:7071", "Origin": "http://localhost:7071", "Sec-Fetch-Site": "same-origin"}
    assert (await client.post("/local/reset", headers=page)).status == 200
    assert (await client.post("/local/reset", headers={"Host": "localhost:7071"})).status == 200


async def test_the_function_is_not_guarded(client: Client) -> None:
    """A headset may call the function by any name of this machine, as in Azure."""
    for path in ("/api/Echo", "/API/echo/"):
        assert (await client.get(path, headers={"Host": "my-pc.local"})).status == 200
