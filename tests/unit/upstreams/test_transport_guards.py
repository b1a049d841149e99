"""Actions that neither an upstream nor the machine can cause."""

from pathlib import Path

import pytest
import requests

from tests.unit.upstreams.harness import ExchangeHarness
from tests.unit.upstreams.server import Server, http_response


@pytest.mark.parametrize("status", [200, 302, 401])
def test_no_redirect_gets_through(status: int) -> None:
    """Neither requests nor an SDK gets a Location to follow."""
    with Server(http_response()) as target:
        location = (f"Location: {target.url}", f"Refresh: 0; url={target.url}", f"Content-Location: {target.url}")
        with Server(http_response(status, b"", *location)) as server, ExchangeHarness() as harness:
            response = harness.get(server.url)
            assert requests.get(server.url, timeout=5).url == (target.url if status == 302 else server.url)
    assert (response.status_code, response.is_redirect, response.next, response.history) == (status, False, None, [])
    assert len(target.requests) == (status == 302)


@pytest.mark.parametrize("status", [200, 401])
def test_no_cookie_is_sent_back(status: int) -> None:
    """The next call has no cookie of an earlier response."""
    with (
        Server(http_response(status, b"{}", "Set-Cookie: hunter2=hunter2; Path=/")) as server,
        ExchangeHarness() as harness,
    ):
        session = harness.transport().session
        for _ in range(2):
            assert not session.get(server.url).cookies
        assert not session.cookies
    assert not any("cookie" in request.lower() for request in server.requests)


def test_nothing_on_the_machine_replaces_the_authorization(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A ~/.netrc or a user in the URL does not replace the header, as it would in requests."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login thief password thief\n")
    monkeypatch.setenv("NETRC", str(netrc))
    given = {"Authorization": "Bearer key"}
    with Server(http_response()) as server, ExchangeHarness() as harness:
        with_user = server.url.replace("//", "//thief:thief@")
        for get in (requests.get, harness.transport().session.get):
            for url in (server.url, with_user):
                get(url, headers=given, timeout=5)
    sent = [request.split("Authorization: ")[1].splitlines()[0] for request in server.requests]
    assert [text.startswith("Basic ") for text in sent[:2]] == [True, True]
    assert sent[2:] == ["Bearer key", "Bearer key"]
