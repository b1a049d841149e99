"""Chromium, and the page in it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ADVICE = "tests/page needs Chromium: sudo apt-get install chromium"
#: A name that resolves to this machine, like an attacker's after DNS rebinding; no other name resolves.
REBOUND = "rebound.example"
PATIENCE_MS = 15_000
_NAMES = ("chromium", "chromium-browser", "google-chrome", "msedge")
_WINDOWS_EDGE = Path(os.environ.get("PROGRAMFILES(X86)", "")) / "Microsoft/Edge/Application/msedge.exe"
_RULES = f"MAP {REBOUND} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"


def executable() -> str | None:
    """Find a Chromium of this machine."""
    edge = str(_WINDOWS_EDGE) if _WINDOWS_EDGE.is_file() else None
    return next(filter(None, map(shutil.which, _NAMES)), edge)


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        rules = f"--host-resolver-rules={_RULES}"
        browser = playwright.chromium.launch(executable_path=path, args=[rules], timeout=60_000)
        yield browser
        browser.close()


def opened(context: BrowserContext, origin: str) -> Page:
    """Open the page and wait until it shows the stack's state."""
    page = context.new_page()
    page.goto(f"{origin}/")
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    expect(page.locator("#verdict-text")).not_to_have_text("Waiting for the stack.")
    return page
