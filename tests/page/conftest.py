"""The local stack in a process of its own, and Debian's Chromium in front of its page."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "msedge")
_WINDOWS_EDGE = Path(os.environ.get("PROGRAMFILES(X86)", "")) / "Microsoft/Edge/Application/msedge.exe"
#: A name that leads to this machine, as an attacker's would after DNS rebinding; nothing else can be reached.
REBOUND = "rebound.example"
_RULES = f"MAP {REBOUND} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
_PATIENCE_MS = 15_000


class Stack:
    """A running stack: where it is, and ways to change it that don't go through the page."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def send(self, method: str, path: str, **json: str | float) -> requests.Response:
        response = requests.request(method, f"{self.origin}/local/{path}", json=json or None, timeout=20)
        assert response.ok, response.text
        return response


@contextmanager
def running_stack(*arguments: str, **settings: str) -> Iterator[Stack]:
    """Run `python -m local` at a free port, with no setting of the person's own."""
    inherited = {name: value for name, value in os.environ.items() if not re.match(r"(?i)ARR_|COV|.*_proxy$", name)}
    process = subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-u", "-m", "local", "--port", "0", *arguments],
        cwd=ROOT,
        env=inherited | settings,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Stack(_origin(process))
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _origin(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    found = None
    for line in process.stdout:
        found = found or re.search(r"http://localhost:\d+", line)
        if found and "Ctrl-C" in line:
            return found[0]
    raise AssertionError("the stack did not start")


@pytest.fixture(scope="module")
def _stack() -> Iterator[Stack]:
    with running_stack(ARR_MAX_WAIT_SECONDS="1") as stack:
        yield stack


@pytest.fixture
def stack(_stack: Stack) -> Stack:
    """The stack, mended, with a new token."""
    _stack.send("POST", "reset")
    _stack.send("POST", "restart")
    assert requests.get(f"{_stack.origin}/api/GetArrToken", timeout=20).status_code == 200
    return _stack


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; a module at a time, because Playwright's loop lets no other loop run in this thread."""
    executable = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if executable is None and _WINDOWS_EDGE.is_file():
        executable = str(_WINDOWS_EDGE)
    if executable is None:
        advice = "tests/page needs Chromium: sudo apt-get install chromium"
        # Where nobody reads what was skipped, a missing browser is a failure.
        pytest.fail(advice) if os.environ.get("CI") == "true" else pytest.skip(advice)
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=[f"--host-resolver-rules={_RULES}"], timeout=60_000
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without a past, with a window of 1280 × 800."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, permissions=["clipboard-write"])
    context.set_default_timeout(_PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, stack: Stack) -> Page:
    """The page, with what the stack has told it."""
    return opened(context, stack.origin)


def opened(context: BrowserContext, origin: str) -> Page:
    """Open the page and wait until the stack has told it the state."""
    page = context.new_page()
    page.goto(f"{origin}/")
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    expect(page.locator("#verdict-text")).not_to_have_text("Waiting for the stack.")
    return page
