"""The page for a user who has just started the stack, before and after a call."""

import json
import re
import shutil
import subprocess

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, expect

from tests.page.browsing import opened
from tests.page.stack import Stack, running_stack

POWERSHELL = shutil.which("pwsh") or shutil.which("powershell")


def test_the_first_exchange_is_drawn_from_the_real_calls(page: Page, stack: Stack) -> None:
    """Each upstream call is a message, in order, with its status; the MS-CV is the one that the STS sent."""
    messages = [text.strip() for text in page.locator("#messages li").all_text_contents()]
    shown = [re.search(r"(Identity|Key Vault|STS): GET (\S+?)\d{3}", re.sub(r"\s", " ", text)) for text in messages]
    calls = {name: service["count"] for name, service in stack.send("GET", "calls").json().items()}
    assert len(messages) == sum(calls.values())
    assert all(shown)
    token = requests.get(f"{stack.origin}/api/GetArrToken", timeout=10)
    expect(page.locator("#messages li").last).to_contain_text(token.headers["MS-CV"])
    expect(page.locator("#token-cv")).to_have_text(f"MS-CV {token.headers['MS-CV']}")


def test_the_cached_tokens_times_are_shown(page: Page) -> None:
    """A user sees the token's age, and when it becomes stale and unusable; the bar's label has the same."""
    expect(page.locator("#token-state")).to_have_text("usable")
    expect(page.locator("#token-age")).to_have_text(re.compile(r"^\d+ s$"))
    expect(page.locator("#token-stale")).to_have_text(re.compile(r"^in (5[3-9] min|1 h)"))
    expect(page.locator("#token-unusable")).to_have_text(re.compile("^in 23 h 4[45] min$"))
    expect(page.get_by_role("img", name=re.compile("The token is usable: age .*, 23 h 59 min left"))).to_be_visible()


def test_the_tokens_age_is_updated(context: BrowserContext, stack: Stack) -> None:
    """The sentence, the badge and the bar change as time passes, without a click."""
    context.clock.install()
    page = opened(context, stack.origin)
    badge, sentence = page.locator("#token-state"), page.locator("#verdict-text")
    mark = page.locator("#token-bar .mark")
    expect(badge).to_have_text("usable")
    young = mark.evaluate("mark => mark.offsetWidth")
    context.clock.fast_forward("02:00:00")
    expect(badge).to_have_text("stale")
    expect(sentence).to_contain_text("another 21 h 44 min: callers get it at once, and a call also starts a refresh")
    assert mark.evaluate("mark => mark.offsetWidth") > young
    context.clock.fast_forward("21:50:00")
    expect(badge).to_have_text("unusable")
    expect(sentence).to_contain_text("The cached token is no longer usable: the next caller waits for one exchange")
    context.clock.fast_forward("00:15:00")
    expect(badge).to_have_text("expired")
    expect(sentence).to_contain_text("The cached token has expired: the next caller waits for one exchange")


def test_an_old_token_serves_on_in_an_outage_until_it_expires(context: BrowserContext, stack: Stack) -> None:
    """The sentence says that callers wait and still get the cached token, and for how long."""
    stack.send("PUT", "faults/sts", status=503)
    context.clock.install()
    page = opened(context, stack.origin)
    sentence = page.locator("#verdict-text")
    context.clock.fast_forward("23:50:00")
    expect(sentence).to_contain_text("callers wait for an exchange, and get the cached token for another 9 min")
    context.clock.fast_forward("00:15:00")
    expect(sentence).to_contain_text("has expired: the next caller starts an exchange and notices the STS outage")


def test_the_response_is_shown_as_received(page: Page, stack: Stack) -> None:
    """A user sees the call's status, headers, body, its log line, and the token's source."""
    with page.expect_response("**/api/GetArrToken?minValidity=600") as received:
        page.get_by_label("minValidity").fill("600")
        page.get_by_role("button", name="Call GetArrToken").click()
    shown = page.locator("#response pre")
    expect(shown).to_contain_text(received.value.text())
    expect(shown).to_contain_text(f"x-ms-request-id: {received.value.headers['x-ms-request-id']}")
    expect(page.locator("#source")).to_contain_text("no service was called")
    expect(page.get_by_role("log")).to_contain_text("token-request outcome=ok")
    expect(page.locator("#address")).to_have_text(f"{stack.origin}/api/GetArrToken")


def test_a_line_that_azure_loses_is_grey(context: BrowserContext, stack: Stack) -> None:
    """A user distinguishes a lost line from a kept one by sight and by screen reader."""
    lines = [
        {"number": number, "at": 0, "request": None, "level": "INFO", "text": text, "lost": text == "from a thread"}
        for number, text in enumerate(("from a request", "from a thread"), 1)
    ]
    body = f"event: log\ndata: {json.dumps({'now': 0, 'log': lines})}\n\n"
    context.route("**/local/events", lambda route: route.fulfill(content_type="text/event-stream", body=body))
    page = context.new_page()
    page.goto(f"{stack.origin}/")
    expect(page.locator("#lines p")).to_have_count(2)
    kept, lost = page.locator("#lines p").all()
    expect(lost).to_contain_text("lost in Azure: from a thread")
    expect(kept).not_to_contain_text("lost in Azure")
    colour = "line => getComputedStyle(line).color"
    assert lost.evaluate(colour) != kept.evaluate(colour)


def test_no_cache_goes_out_as_a_header(page: Page) -> None:
    """The checkbox sends the header; without it, the browser adds none of its own."""
    with page.expect_request("**/api/GetArrToken") as sent:
        page.get_by_role("button", name="Call GetArrToken").click()
    assert "cache-control" not in sent.value.all_headers()
    page.get_by_label("no-cache").check()
    with page.expect_request("**/api/GetArrToken") as sent:
        page.get_by_role("button", name="Call GetArrToken").click()
    assert sent.value.headers["cache-control"] == "no-cache"
    expect(page.locator("#command-list li").first).to_contain_text("-H 'Cache-Control: no-cache'")


def test_the_claims_are_a_click_away(page: Page) -> None:
    """The dialog has the token's claims, with readable times; Escape closes it."""
    page.get_by_role("button", name="Show").click()
    dialog = page.get_by_role("dialog", name="Claims of the cached token")
    expect(dialog.locator("div", has_text="iss").last).to_contain_text("https:")
    expect(dialog.locator("div", has_text="exp").last).to_contain_text(re.compile(r"\d{10} \(20\d\d-\d\d-\d\dT"))
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_earlier_exchanges_can_be_looked_at_again(page: Page) -> None:
    """A click in the list shows an earlier exchange; the next call returns to the newest."""
    page.get_by_role("button", name="Drop the cached token").click()
    list_ = page.get_by_role("navigation", name="Exchanges").get_by_role("button")
    expect(list_.first).to_have_attribute("aria-current", "true")
    list_.last.click()
    expect(list_.last).to_have_attribute("aria-current", "true")
    expect(page.locator("#exchange-title")).to_contain_text("Exchange of")
    page.get_by_role("button", name="Call GetArrToken").click()
    expect(page.locator("#exchange-title")).to_have_text("Last exchange")


def test_wrong_settings_are_told(context: BrowserContext) -> None:
    """With wrong settings the page says what callers get, and a call names the settings."""
    with running_stack(ARR_MAX_WAIT_SECONDS="soon") as stack:
        page = opened(context, stack.origin)
        expect(page.locator("#verdict-text")).to_contain_text("The settings are wrong: every caller gets a 500")
        page.get_by_role("button", name="Call GetArrToken").click()
        expect(page.locator("#response .what")).to_contain_text("ARR_MAX_WAIT_SECONDS must be")


def test_a_function_key_is_asked_for_where_one_is_demanded(context: BrowserContext) -> None:
    """Without the key the platform's 401 is explained; the address in the terminal contains the key."""
    with running_stack("--key", "made-up-key") as stack:
        page = opened(context, stack.origin)
        expect(page.get_by_label("Function key")).to_be_hidden()
        page.get_by_role("button", name="Call GetArrToken").click()
        expect(page.locator("#response .what")).to_contain_text("demands a function key")
        page.get_by_label("Function key").fill("made-up-key")
        page.get_by_role("button", name="Call GetArrToken").click()
        expect(page.locator("#response .status")).to_have_text("200 OK")
        other = context.new_page()
        other.goto(f"{stack.origin}/#key=made-up-key")
        other.get_by_role("button", name="Call GetArrToken").click()
        expect(other.locator("#response .status")).to_have_text("200 OK")


def test_the_end_of_the_stack_is_told(context: BrowserContext) -> None:
    """When the stack has ended, the page says so."""
    with running_stack() as stack:
        page = opened(context, stack.origin)
    expect(page.get_by_role("status").filter(has_text="the stack has ended")).to_be_visible()
    page.get_by_role("button", name="Call GetArrToken").click()
    expect(page.locator("#response")).to_contain_text("No response: the stack does not answer.")


@pytest.mark.parametrize(
    ("shell", "program"),
    [
        pytest.param("curl", ["bash", "-c"], marks=pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")),
        pytest.param(
            "PowerShell",
            [POWERSHELL or "", "-NoProfile", "-Command"],
            marks=pytest.mark.skipif(not POWERSHELL, reason="needs PowerShell"),
        ),
    ],
)
def test_the_commands_do_what_the_clicks_did(page: Page, stack: Stack, shell: str, program: list[str]) -> None:
    """A user can copy each command and run it: it breaks the STS, drops the token, calls, and mends."""
    card = page.locator("[data-service=sts]")
    card.get_by_label("retry after").fill("7")
    card.get_by_role("button", name="Status", exact=True).click()
    expect(card.locator(".state")).to_have_text("answers 503 with Retry-After 7")
    page.get_by_role("button", name=shell, exact=True).click()
    expect(page.get_by_role("button", name=shell, exact=True)).to_have_attribute("aria-pressed", "true")
    items = page.locator("#command-list li").all()
    commands = {item.locator(".what").inner_text(): item.locator("code").inner_text() for item in items}
    stack.send("POST", "reset")
    ran = {}
    for what in ("last click", "drop the token", "call it", "mend it all"):
        ended = subprocess.run([*program, commands[what]], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  # our own command
        ran[what] = ended.stdout + ended.stderr
    assert "sts now answers 503 with Retry-After 7" in ran["last click"]
    assert "without a cached token" in ran["drop the token"]
    assert "sts-unavailable" in ran["call it"] or "503" in ran["call it"]
    assert "Everything works again" in ran["mend it all"]


def test_a_command_is_copied(page: Page) -> None:
    """The button copies the command to the clipboard and confirms it."""
    page.get_by_role("button", name="Copy: call it").click()
    expect(page.get_by_role("button", name="Copy: call it")).to_have_text("Copied")


def test_a_value_that_the_stack_refuses_is_told(page: Page) -> None:
    """The stack's error message appears beside the switches."""
    page.route("**/local/faults/sts", lambda route: route.continue_(post_data=json.dumps({"statu": 503})))
    page.locator("[data-service=sts]").get_by_role("button", name="Status", exact=True).click()
    expect(page.locator("#said")).to_be_visible()
    expect(page.locator("#said")).to_contain_text("statu is no field of a fault")
