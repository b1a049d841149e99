"""The local stack, and a browser that shows its page."""

import os
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page

from tests.page.browsing import ADVICE, PATIENCE_MS, executable, launched, opened
from tests.page.stack import Stack, running_stack


@pytest.fixture(scope="module")
def _stack() -> Iterator[Stack]:
    with running_stack(ARR_MAX_WAIT_SECONDS="5") as stack:
        yield stack


@pytest.fixture
def stack(_stack: Stack) -> Stack:
    """The stack without faults, with a new token."""
    _stack.send("POST", "reset")
    _stack.send("POST", "restart")
    assert requests.get(f"{_stack.origin}/api/GetArrToken", timeout=20).status_code == 200
    return _stack


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; one per module, because Playwright's loop allows no other loop in this thread."""
    path = executable()
    if path is None:
        # In CI nobody reads the list of skipped tests, so a missing browser is a failure there.
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing(ADVICE)
    with launched(path) as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser with an empty profile and a window of 1280 × 800."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, permissions=["clipboard-write"])
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, stack: Stack) -> Page:
    """The page, with the stack's state."""
    return opened(context, stack.origin)
