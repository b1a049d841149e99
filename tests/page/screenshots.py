"""The screenshots of the documents: ``python -m nox -s screenshots`` writes them."""

import re
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.page.browsing import ADVICE, executable, launched, opened
from tests.page.stack import ROOT, Stack, running_stack

#: An outage of the STS with a cached token, which no caller notices, and the same outage without a cached token.
UNNOTICED, NOTICED = "page.png", "page-outage.png"


def write(browser: Browser, stack: Stack, folder: Path) -> None:
    """Write both, at 1280 × 800."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    page = opened(context, stack.origin)
    sts = page.locator("[data-service=sts]")
    sts.get_by_role("button", name="Status", exact=True).click()
    expect(page.locator("#verdict-text")).to_have_text(re.compile("callers do not notice the STS outage"))
    _call(page, "200")
    expect(page.locator("#source")).to_have_text(re.compile("no service was called"))
    _shoot(page, folder / UNNOTICED)
    page.get_by_role("button", name="Drop the cached token").click()
    expect(page.locator("#exchange-outcome")).to_have_text("sts-unavailable")
    # The cool-down of the first failure ends, and the call starts an exchange of its own.
    expect(page.locator("#verdict-text")).to_have_text(re.compile("the next caller starts an exchange"))
    _call(page, "503")
    expect(page.locator("#exchange-about")).to_have_text(re.compile("a caller's request"))
    _shoot(page, folder / NOTICED)
    context.close()


def _call(page: Page, status: str) -> None:
    page.get_by_role("button", name="Call GetArrToken").click()
    expect(page.locator("#response .status")).to_have_text(re.compile(status))
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")


def _shoot(page: Page, path: Path) -> None:
    """Write a PNG of 256 colours: a third of the size, without a visible difference."""
    with Image.open(BytesIO(page.screenshot())) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    path = executable()
    if path is None:
        sys.exit(ADVICE)
    with launched(path) as browser, running_stack("--port", "7071") as stack:
        write(browser, stack, ROOT / "docs")
