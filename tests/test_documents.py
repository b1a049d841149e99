"""The documents against the function."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from shared.api.token_response import TokenResponse
from shared.clock import Moment
from shared.errors import Misconfigured
from shared.settings import Settings, read_settings
from shared.tokens.cache import CachedToken
from shared.tokens.issued_token import IssuedToken

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRACT = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
ACCOUNT_ID = "35d830cb-f062-4062-9792-d6316039df56"
NEEDED = {"KEY_VAULT_URL": "https://v.vault.azure.net", "ARR_ACCOUNT_ID": ACCOUNT_ID}
PLATFORM = {"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "WEBSITE_AUTH_ENABLED"}  # set by Azure, not by an operator


class Recorder(dict[str, str]):
    """An environment that records the names that are read."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.read_names: set[str] = set()

    def get(self, name: str, default: Any = None, /) -> Any:
        self.read_names.add(name)
        return super().get(name, default)


def rows(text: str, heading: str) -> list[list[str]]:
    """Return the first table below a heading, without its head."""
    lines = text[text.index(heading) :].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|---"))
    return [_cells(line) for line in lines[start + 1 : lines.index("", start)]]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def names(text: str, heading: str) -> set[str]:
    return {row[0].strip("|` ") for row in rows(text, heading)}


def test_every_setting_is_in_every_document() -> None:
    """Code, contract, README and local.settings.json.example have the same settings."""
    environment = Recorder(NEEDED)
    read_settings(environment)
    example = json.loads((ROOT / "local.settings.json.example").read_text(encoding="utf-8"))["Values"]
    known = environment.read_names - PLATFORM
    assert names(CONTRACT, "## 8. Settings") == known
    assert names(README, "## Settings") == known
    assert set(example) - {"AzureWebJobsStorage", "FUNCTIONS_WORKER_RUNTIME"} == known
    assert example["AzureWebJobsStorage"] == ""


def test_the_example_has_the_defaults() -> None:
    """An operator who fills in the example gets the defaults of all other settings."""
    example = json.loads((ROOT / "local.settings.json.example").read_text(encoding="utf-8"))["Values"]
    assert read_settings(example | NEEDED) == read_settings(NEEDED)


def test_the_example_as_it_is_asks_to_be_filled_in() -> None:
    """The function refuses the example's placeholders."""
    example = json.loads((ROOT / "local.settings.json.example").read_text(encoding="utf-8"))["Values"]
    with pytest.raises(Misconfigured) as problem:
        read_settings(example)
    assert [text.split()[0] for text in problem.value.violations] == ["KEY_VAULT_URL", "ARR_ACCOUNT_ID"]


@pytest.mark.parametrize(("text", "heading"), [(README, "## Settings"), (CONTRACT, "## 8. Settings")])
def test_documented_defaults_are_the_codes(text: str, heading: str) -> None:
    """An operator gets the default that the table states."""
    defaults = {row[0].strip("|` "): row[1].strip("`") for row in rows(text, heading)}
    settings = read_settings(NEEDED)
    assert int(defaults["ARR_REFRESH_AFTER_SECONDS"]) == settings.refresh_after_s
    assert int(defaults["ARR_MIN_VALIDITY_SECONDS"]) == settings.min_validity_s
    assert int(defaults["ARR_MAX_WAIT_SECONDS"]) == settings.max_wait_s
    assert defaults["ARR_ACCOUNT_DOMAIN"] == settings.account_domain
    assert (defaults["ARR_ACCOUNT_KEY_SECRETS"],) == settings.key_secrets


def test_the_sample_response_is_a_real_one() -> None:
    """README's sample has the headers and fields of a real response, in their order."""
    sample = README[README.index("HTTP/1.1 200 OK") :]
    head, body = sample[: sample.index("```")].split("\n\n", 1)
    token = IssuedToken(value="x", ms_cv="cv", issued_at=Moment(0, 0), expires_on=1, lifetime_s=1)
    response = TokenResponse(token, read_settings(NEEDED)).response(CachedToken(token, 0, waited=False), "id")
    shown = {name.lower() for name in re.findall(r"(?m)^([\w-]+): ", head)}
    assert shown == {name.lower() for name in response.headers}
    assert list(json.loads(body)) == list(json.loads(response.get_body()))


@pytest.mark.parametrize("document", sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("local/*.md")}))
def test_links_lead_somewhere(document: Path) -> None:
    """A reader finds each linked file."""
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / link).exists(), link


def test_the_host_waits_longer_than_any_caller() -> None:
    """No wait reaches functionTimeout, at which the host kills the worker and its cached token."""
    hours, minutes, seconds = map(int, json.loads((ROOT / "host.json").read_text())["functionTimeout"].split(":"))
    assert hours * 3600 + minutes * 60 + seconds > 60 + 1
    assert Settings.__annotations__["max_wait_s"] is int
