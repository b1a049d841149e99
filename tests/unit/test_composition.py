"""shared.composition, without upstreams."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from shared import composition
from shared.api.handler import Handler, MisconfiguredHandler
from shared.clock import Clock, Moment, system_clock
from shared.settings import Settings
from shared.tokens.exchange import Exchange
from shared.tokens.issued_token import IssuedToken
from tests.unit.support import ENVIRONMENT, NAMES, CacheHarness, FakeClock, http_request

ROOT = Path(__file__).parents[2]
_LOAD = """
import json, logging, sys
import shared.tokens.exchange
started = []
shared.tokens.exchange.run_in_thread = lambda exchange, **_: started.append(exchange.trigger)
import GetArrToken
handler = type(GetArrToken._HANDLER).__name__
silent = not logging.getLogger("azure.identity").propagate
print(json.dumps({"modules": sorted(sys.modules), "started": started, "handler": handler, "silent": silent}))
"""

type Started = list[tuple[Exchange, Callable[[Exchange], IssuedToken]]]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "WEBSITE_AUTH_ENABLED"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """The exchanges that would run in threads, and what would run there."""
    calls: Started = []

    def run_in_thread(exchange: Exchange, *, run: Callable[[Exchange], IssuedToken], slots: object) -> None:
        assert slots
        calls.append((exchange, run))

    monkeypatch.setattr(composition, "run_in_thread", run_in_thread)
    return calls


def _set(monkeypatch: pytest.MonkeyPatch, **environ: str) -> None:
    for name, value in (ENVIRONMENT | environ).items():
        monkeypatch.setenv(name, value)


def _token(age_s: float = 0, lifetime_s: int | None = None) -> IssuedToken:
    issued_at = Moment(*(now - age_s for now in system_clock()))
    return IssuedToken(value="ey", ms_cv=None, issued_at=issued_at, expires_on=None, lifetime_s=lifetime_s)


async def test_wrong_settings(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    """With wrong settings the function loads and names every one of them, never a value; no exchange starts."""
    _set(monkeypatch, **{name: f"WRONG-{number}/?" for number, name in enumerate(NAMES)})
    handler = composition.build()
    assert isinstance(handler, MisconfiguredHandler)
    response = await handler.answer(http_request(), "request-id")
    detail = json.loads(response.get_body())["detail"]
    assert response.status_code == 500
    assert [name for name in NAMES if name not in detail] == ["AZURE_CLIENT_ID"]
    assert "WRONG" not in detail
    assert started == []


async def test_no_settings(started: Started) -> None:
    """Without any setting the function says which ones it needs."""
    response = await composition.build().answer(http_request(), "request-id")
    detail = json.loads(response.get_body())["detail"]
    assert [name for name in NAMES if name in detail] == ["KEY_VAULT_URL", "ARR_ACCOUNT_ID"]
    assert started == []


def test_loading_starts_one_exchange(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first exchange starts while the function loads, with the settings' deadline."""
    _set(monkeypatch, ARR_MAX_WAIT_SECONDS="7")
    assert isinstance(composition.build(), Handler)
    assert [(exchange.trigger, exchange.limit_s) for exchange, _ in started] == [("load", 21)]


async def test_the_first_exchange_serves_requests(
    started: Started, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Requests get the token that the exchange at load brings, and the first one logs that exchange."""
    _set(monkeypatch)
    handler = composition.build()
    started[0][0].complete(_token())
    response = await handler.answer(http_request(), "request-id")
    assert json.loads(response.get_body())["AccessToken"] == "ey"
    assert [record.getMessage().split()[0] for record in caplog.records] == ["exchange", "token-request"]


async def test_the_settings_rule_a_tokens_life(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token is served and refreshed at the ages that the settings name."""
    _set(monkeypatch, ARR_MIN_VALIDITY_SECONDS="50", ARR_REFRESH_AFTER_SECONDS="100")
    handler = composition.build()
    started[0][0].complete(_token(age_s=200, lifetime_s=260))
    assert (await handler.answer(http_request(), "request-id")).status_code == 200
    assert [exchange.trigger for exchange, _ in started] == ["load", "refresh"]


def test_one_token_source_for_all_exchanges(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token source keeps the identity's tokens, so the first exchange's thread makes it and later ones use it."""
    made: list[tuple[Settings, Clock]] = []

    class TokenSource:
        def __init__(self, settings: Settings, clock: Clock) -> None:
            made.append((settings, clock))

        def issue(self, exchange: Exchange) -> IssuedToken:
            return CacheHarness().token(value=exchange.trigger)

    module = ModuleType("shared.upstreams.token_source")
    vars(module)["TokenSource"] = TokenSource
    monkeypatch.setitem(sys.modules, "shared.upstreams.token_source", module)
    _set(monkeypatch)
    composition.build()
    assert made == []
    ((_, run),) = started
    assert run(Exchange("load", 1, FakeClock())).value == "load"
    assert run(Exchange("refresh", 1, FakeClock())).value == "refresh"
    ((settings, clock),) = made
    assert (settings.key_vault_url, clock) == (ENVIRONMENT["KEY_VAULT_URL"], system_clock)


async def test_a_missing_package(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Deployed without a package, the function loads, and the log names the module and the file that imports it."""
    monkeypatch.setitem(sys.modules, "shared.upstreams.token_source", None)
    _set(monkeypatch)
    response = await composition.build().answer(http_request(), "request-id")
    assert json.loads(response.get_body())["code"] == "internal-error"
    lines = [record.getMessage() for record in caplog.records]
    place = r"at=composition\.py:\d+ module=shared\.upstreams\.token_source"
    assert {line.split()[0] for line in lines} == {"exchange", "internal-error", "token-request"}
    assert all(re.search(place, line) for line in lines)


@pytest.mark.parametrize(
    ("environ", "handler", "triggers"),
    [
        pytest.param(ENVIRONMENT, "Handler", ["load"], id="valid settings"),
        pytest.param({}, "MisconfiguredHandler", [], id="no settings"),
    ],
)
def test_loading_imports_no_sdk(environ: dict[str, str], handler: str, triggers: list[str]) -> None:
    """Loading is quick because no slow library is imported, and the libraries' logs are silenced beforehand."""
    bare = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "SYSTEMROOT"}}
    output = subprocess.check_output([sys.executable, "-c", _LOAD], cwd=ROOT, env=bare | environ, text=True)  # noqa: S603  # our own command
    loaded = json.loads(output)
    slow = ("requests", "urllib3", "msal", "azure.core", "azure.identity", "azure.keyvault", "shared.upstreams.")
    assert [name for name in loaded["modules"] if name.startswith(slow)] == []
    assert (loaded["handler"], loaded["started"], loaded["silent"]) == (handler, triggers, True)
