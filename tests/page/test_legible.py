"""The page in different sizes and colour schemes, by keyboard and by screen reader."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.page.browsing import opened
from tests.page.stack import Stack

#: Fonts differ between machines; this one is the widest.
WIDE = ":root { --sans: 'DejaVu Sans', Verdana, sans-serif !important }"


def break_it(page: Page) -> None:
    """Cause an outage without a cached token, and make a call."""
    card = page.locator("[data-service=sts]")
    card.get_by_label("status").fill("429")  # it is not retried, so the exchange is short
    card.get_by_role("button", name="Status", exact=True).click()
    page.get_by_role("button", name="Drop the cached token").click()
    expect(page.locator("#exchange-outcome")).to_have_text("sts-throttled")
    page.get_by_role("button", name="Call GetArrToken").click()
    expect(page.locator("#response .status")).to_contain_text("503")


def test_one_screen_holds_it_all(browser: Browser, stack: Stack) -> None:
    """At 1280 × 800 the verdict, the exchange, the switches and the log are visible without scrolling."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    page = opened(context, stack.origin)
    page.add_style_tag(content=WIDE)
    break_it(page)
    assert page.evaluate("[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]") == [
        1280,
        800,
    ]
    for part in ("verdict", "token", "call", "exchange", "switches", "log", "commands"):
        box = page.locator(f"#{part}").bounding_box()
        assert box
        assert box["y"] + box["height"] <= 800, part
        assert box["height"] > 40, part
    assert page.evaluate(
        "document.querySelector('#switches').scrollHeight <= document.querySelector('#switches').clientHeight"
    )
    context.close()


@pytest.mark.parametrize("width", [400, 768, 1920])
def test_no_width_cuts_anything_off(browser: Browser, stack: Stack, width: int) -> None:
    """At any width a user never scrolls sideways, and reaches every button."""
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page = opened(context, stack.origin)
    page.add_style_tag(content=WIDE)
    break_it(page)
    assert page.evaluate("document.scrollingElement.scrollWidth") == width
    for button in page.get_by_role("button").all():
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_axe_finds_nothing(browser: Browser, stack: Stack, scheme: Literal["light", "dark"], width: int) -> None:
    """Names, roles, landmarks and contrast are accessible, with a cached token, in an outage and in the dialog."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = opened(context, stack.origin)
    assert_accessible(page)
    page.get_by_role("button", name="Show").click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    break_it(page)
    assert_accessible(page)
    context.close()


def assert_accessible(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_a_dark_colour_scheme_is_followed(browser: Browser, stack: Stack) -> None:
    """A user who prefers a dark colour scheme gets a dark page."""
    backgrounds = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        context = browser.new_context(color_scheme=scheme)
        page = opened(context, stack.origin)
        backgrounds.append(page.evaluate("parseInt(getComputedStyle(document.body).backgroundColor.slice(4))"))
        context.close()
    assert backgrounds[0] > 200
    assert backgrounds[1] < 50


def test_the_keyboard_is_enough(context: BrowserContext, stack: Stack) -> None:
    """A user can call and switch with Tab, Enter and Space, and the focus stays."""
    page = opened(context, stack.origin)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the call")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "#call button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("#response .status")).to_have_text("200 OK")
    tab_to(page, "#drop-token")
    page.keyboard.press("Space")
    expect(page.locator("#before li")).not_to_have_count(1)
    tab_to(page, "[data-service=sts] .kinds button:nth-child(2)")
    page.keyboard.press("Enter")
    expect(page.locator("[data-service=sts] .state")).to_have_text("answers 503")
    expect(page.locator("[data-service=sts] .kinds button:nth-child(2)")).to_be_focused()
    tab_to(page, "#keys button:nth-of-type(2)")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Restore the primary key")).to_be_focused()
    tab_to(page, "#lines")


def tab_to(page: Page, selector: str) -> None:
    for _ in range(60):
        if page.evaluate("selector => document.activeElement === document.querySelector(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}")


def test_a_changed_verdict_is_announced_once(context: BrowserContext, stack: Stack) -> None:
    """A screen reader reads a new sentence once, and not each second because a time in it changed."""
    page = opened(context, stack.origin)
    page.evaluate(
        """() => {
          window.heard = [];
          const announced = document.querySelector('#verdict-announced');
          new MutationObserver(() => window.heard.push(announced.textContent)).observe(announced, { childList: true });
        }"""
    )
    page.locator("[data-service=sts]").get_by_role("button", name="Status", exact=True).click()
    expect(page.locator("#verdict-text")).to_contain_text("do not notice the STS outage")
    age = page.locator("#token-age").text_content() or ""
    expect(page.locator("#token-age")).not_to_have_text(age)
    heard = page.evaluate("window.heard")
    assert len(heard) == 1
    assert "do not notice the STS outage" in heard[0]
