"""A user breaks each service by clicks, watches the page, mends the service, and calls again."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.page.browsing import opened
from tests.page.stack import Stack, running_stack

CODES = {"identity": "identity-unavailable", "key-vault": "key-vault-unavailable", "sts": "sts-unavailable"}
TITLES = {"identity": "Managed identity", "key-vault": "Key Vault", "sts": "STS"}


def verdict(page: Page) -> Locator:
    return page.locator("#verdict-text")


def call(page: Page) -> Locator:
    """Click and return the response."""
    page.get_by_role("button", name="Call GetArrToken").click()
    expect(page.locator("#response .status, #response .what").first).to_be_visible()
    return page.get_by_role("region", name="Response")


def switch(page: Page, service: str, kind: str) -> None:
    page.locator(f"[data-service={service}]").get_by_role("button", name=kind, exact=True).click()


@pytest.mark.parametrize("service", CODES)
def test_an_outage_that_nobody_notices_and_one_that_everybody_notices(page: Page, service: str) -> None:
    """A user sees that callers get the cached token in an outage, then the problem without it, then a new token."""
    switch(page, service, "Status")
    expect(page.get_by_role("group", name=re.compile(f"^{TITLES[service]} answers 503"))).to_be_visible()
    expect(verdict(page)).to_contain_text(f"callers do not notice the {TITLES[service]} outage")
    expect(call(page)).to_contain_text("From the cache")

    page.get_by_role("button", name="Drop the cached token").click()
    expect(page.locator("#exchange-outcome")).to_have_text(CODES[service])
    expect(verdict(page)).to_contain_text("No token is cached")
    expect(call(page)).to_contain_text("503 Service Unavailable")
    expect(call(page)).to_contain_text(f'"code": "{CODES[service]}"')
    expect(page.locator("#messages li.bad").last).to_contain_text("503")

    page.get_by_role("button", name="Mend everything", exact=True).click()
    expect(verdict(page)).to_contain_text("the next caller waits for one exchange")
    expect(call(page)).to_contain_text("It waited for an exchange")
    expect(page.locator("#exchange-about")).to_contain_text("started by a caller's request")
    expect(page.locator("#messages li").last).to_contain_text("200")
    expect(verdict(page)).to_contain_text("A token is cached for another 23 h")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("Status", "answers 503"),
        ("Slow", "waits 3 s"),
        ("Hang", "hangs"),
        ("Drop", "drops the connection before any byte"),
        ("Trickle", "sends its body one byte each 1 s"),
        ("Garbage", "answers with garbage in place of its body"),
    ],
)
def test_each_kind_of_fault_is_one_click(page: Page, stack: Stack, kind: str, text: str) -> None:
    """One click sets the fault, the page describes it in words, and *Works* ends it."""
    switch(page, "sts", kind)
    card = page.locator("[data-service=sts]")
    expect(card.locator(".state")).to_have_text(text)
    expect(card.get_by_role("button", name=kind, exact=True)).to_have_attribute("aria-pressed", "true")
    assert stack.send("GET", "calls").json()["sts"]["fault"]
    switch(page, "sts", "Works")
    expect(card.locator(".state")).to_have_text("works")
    assert stack.send("GET", "calls").json()["sts"]["fault"] is None


def test_the_details_of_a_fault_apply_at_once(page: Page) -> None:
    """Status, Retry-After and the number of calls take effect when they are typed."""
    switch(page, "sts", "Status")
    card = page.locator("[data-service=sts]")
    for field, value in (("status", "429"), ("retry after", "7"), ("calls that the fault hits", "2")):
        card.get_by_label(field).fill(value)
        card.get_by_label(field).press("Tab")
    expect(card.locator(".state")).to_have_text("answers 429 with Retry-After 7, for 2 calls")


def test_a_fault_that_was_set_elsewhere_shows(page: Page, stack: Stack) -> None:
    """A fault that another window or curl sets appears without a click."""
    stack.send("PUT", "faults/key-vault", drop="headers")
    expect(page.locator("[data-service=key-vault] .state")).to_have_text(
        "drops the connection after half of the headers"
    )
    expect(verdict(page)).to_contain_text("Key Vault outage")


def test_a_call_that_hangs_is_seen_hanging(context: BrowserContext) -> None:
    """The diagram shows the call under way, then that no response came; the caller gets a 504 in time."""
    with running_stack(ARR_MAX_WAIT_SECONDS="1") as stack:
        page = opened(context, stack.origin)
        switch(page, "sts", "Hang")
        page.get_by_role("button", name="Drop the cached token").click()
        expect(page.locator("#messages li").last).to_contain_text("waiting")
        expect(verdict(page)).to_contain_text("callers wait for the exchange that is under way")
        expect(call(page)).to_contain_text('"code": "upstream-timeout"')
        expect(page.locator("#messages li.bad").last).to_contain_text("no response")


def test_keys_are_revoked_and_rotated(page: Page) -> None:
    """The STS refuses a revoked key, and the next exchange uses a rotated one."""
    page.get_by_role("button", name="Revoke the primary key").click()
    page.get_by_role("button", name="Drop the cached token").click()
    expect(page.locator("#exchange-outcome")).to_have_text("account-key-rejected")
    expect(call(page)).to_contain_text("Store the account's current key in Key Vault")
    page.get_by_role("button", name="Rotate the primary key").click()
    page.get_by_role("button", name="Drop the cached token").click()
    expect(page.locator("#exchange-outcome")).to_have_text("ok")


def test_the_sts_issues_shorter_tokens(page: Page) -> None:
    """The next token's bar and claims show the lifetime and the clock that a user set for the STS."""
    page.get_by_label("lifetime").fill("2000")
    page.get_by_role("button", name="Set").click()
    page.get_by_role("button", name="Drop the cached token").click()
    expect(page.locator("#token-left")).to_contain_text("33 min")
    expect(page.locator("#token-unusable")).to_contain_text("18 min")
