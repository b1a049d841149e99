"""docs/requests.http, sent as editors send it."""

import re
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from local.control import Control
from local.host.host import Host
from local.host.worker import Worker
from local.services.simulated_services import SimulatedServices

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "requests.http").read_text(encoding="utf-8")
REQUESTS = [part.strip("\n").split("\n", 1) for part in TEXT.split("\n### ")[1:]]


@pytest.mark.usefixtures("sdk_environment")
async def test_every_request_does_what_its_title_says(services: SimulatedServices) -> None:
    """A reader can send each request in its order: none is refused, and calls get a token."""
    worker = Worker(ROOT)
    await worker.load()
    application = Host(worker).application(Control(services, worker.restart).routes())
    async with TestClient(TestServer(application)) as client:
        for title, request in REQUESTS:
            head, _, body = request.partition("\n\n")
            line, *fields = head.splitlines()
            method, url = line.split(" ")
            headers = dict(field.split(": ", 1) for field in fields)
            response = await client.request(
                method, url.removeprefix("{{stack}}"), headers=headers, data=body.strip() or None
            )
            assert response.status == 200, f"{title}: {await response.text()}"


def test_every_switch_is_there() -> None:
    """A reader finds each switch of local/README.md, and each field of a fault, in the file."""
    readme = (ROOT / "local" / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"(?m)^\| `([A-Z]+) (/local/[\w-]+)", readme))
    assert listed == set(re.findall(r"(?m)^([A-Z]+) \{\{stack\}\}(/local/[\w-]+)", TEXT))
    table = readme[readme.index("| field | meaning |") :]
    fields = {
        name for cell in re.findall(r"(?m)^\| (`\w+`(?:, `\w+`)*) \|", table) for name in re.findall(r"\w+", cell)
    }
    assert fields >= {"status", "headers", "delay", "drop", "trickle", "raw", "times", "skip"}
    assert {name for name in fields if not re.search(rf'\b{name}["=]', TEXT)} == set()
