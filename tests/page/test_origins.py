"""A web page of another origin can't do anything to the stack."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import override
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.page.browsing import REBOUND, opened
from tests.page.stack import Stack


class _Elsewhere(BaseHTTPRequestHandler):
    """A web page of another origin, without content."""

    def do_GET(self) -> None:
        body = b"<!doctype html><title>elsewhere</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def elsewhere() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def test_a_page_of_another_origin_changes_nothing(context: BrowserContext, stack: Stack) -> None:
    """A POST that its browser sends without a preflight is refused, and the token stays cached."""
    issued = stack.send("GET", "calls").json()["sts"]["count"]
    page = context.new_page()
    with elsewhere() as address:
        page.goto(address)
        with page.expect_response(lambda response: response.url.endswith("/restart")) as sent:
            page.evaluate("url => fetch(url, { method: 'POST', mode: 'no-cors' })", f"{stack.origin}/local/restart")
    assert sent.value.status == 403
    assert stack.send("GET", "calls").json()["sts"]["count"] == issued


def test_a_rebound_name_changes_nothing_and_reads_nothing(context: BrowserContext, stack: Stack) -> None:
    """A page whose name resolves to this machine is same-origin for the browser; the stack refuses it."""
    page = context.new_page()
    origin = f"http://{REBOUND}:{urlsplit(stack.origin).port}"
    response = page.goto(f"{origin}/")
    assert response
    assert response.status == 403
    send = "async ([method, path]) => (await fetch(path, { method })).status"
    for method, path in (("PUT", "/local/faults/sts?status=503"), ("POST", "/local/reset"), ("GET", "/local/calls")):
        assert page.evaluate(send, [method, path]) == 403
    assert stack.send("GET", "calls").json()["sts"]["fault"] is None


def test_no_request_leaves_the_machine(context: BrowserContext, stack: Stack) -> None:
    """The page loads everything from the stack, and sends nothing elsewhere."""
    urls: list[str] = []

    def note(request: Request) -> None:
        urls.append(request.url)

    context.on("request", note)
    page: Page = opened(context, stack.origin)
    page.get_by_role("button", name="Call GetArrToken").click()
    expect(page.locator("#response .status")).to_have_text("200 OK")
    page.get_by_role("button", name="Drop the cached token").click()
    expect(page.locator("#before li")).not_to_have_count(1)
    assert len(urls) > 8
    assert {f"http://{urlsplit(url).netloc}" for url in urls} == {stack.origin}
