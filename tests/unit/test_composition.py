"""What can be told of it without upstreams."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

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
launched = []
shared.tokens.exchange.launch = lambda exchange, run: launched.append(exchange.started)
import GetArrToken
handler = type(GetArrToken._HANDLER).__name__
silent = not logging.getLogger("azure.identity").propagate
print(json.dumps({"modules": sorted(sys.modules), "launched": launched, "handler": handler, "silent": silent}))
"""

type Run = Callable[[Exchange], IssuedToken]


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Exchange, Run]]:
    """What would run in threads, in an environment without any setting of ours."""
    calls: list[tuple[Exchange, Run]] = []
    monkeypatch.setattr(composition, "launch", lambda exchange, run: calls.append((exchange, run)))
    for name in (*NAMES, "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "WEBSITE_AUTH_ENABLED"):
        monkeypatch.delenv(name, raising=False)
    return calls


def _set(monkeypatch: pytest.MonkeyPatch, **environ: str) -> None:
    for name, value in (ENVIRONMENT | environ).items():
        monkeypatch.setenv(name, value)


async def test_bad_settings(launched: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """With bad settings the function loads and answers every one of them by name, never a value; no exchange starts."""
    wrong = {name: f"WRONG-{number}/?" for number, name in enumerate(NAMES)}
    _set(monkeypatch, **wrong)
    handler = composition.build()
    assert isinstance(handler, MisconfiguredHandler)
    response = await handler.answer(http_request(), "request-id")
    detail = json.loads(response.get_body())["detail"]
    assert response.status_code == 500
    assert [name for name in NAMES if name not in detail] == ["AZURE_CLIENT_ID"]
    assert "WRONG" not in detail
    assert launched == []


async def test_no_settings(launched: list[Any]) -> None:
    """Right after its deployment the function says which settings it needs."""
    response = await composition.build().answer(http_request(), "request-id")
    detail = json.loads(response.get_body())["detail"]
    assert [name for name in NAMES if name in detail] == ["KEY_VAULT_URL", "ARR_ACCOUNT_ID"]
    assert launched == []


def test_loading_starts_one_exchange(launched: list[tuple[Exchange, Run]], monkeypatch: pytest.MonkeyPatch) -> None:
    """With good settings the first exchange is under way before any request, with the settings' deadline."""
    _set(monkeypatch, ARR_MAX_WAIT_SECONDS="7")
    assert isinstance(composition.build(), Handler)
    assert [(exchange.started, exchange.limit_s) for exchange, _ in launched] == [("load", 21)]


async def test_the_exchange_serves_requests(
    launched: list[tuple[Exchange, Run]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the exchange of loading brings is what requests get."""
    _set(monkeypatch)
    handler = composition.build()
    token = IssuedToken(value="ey", ms_cv=None, issued_at=system_clock(), expires_on=None, lifetime_s=None)
    launched[0][0].settle(token)
    response = await handler.answer(http_request(), "request-id")
    assert json.loads(response.get_body())["AccessToken"] == "ey"


async def test_the_settings_rule_a_tokens_life(
    launched: list[tuple[Exchange, Run]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token is handed out and replaced at the ages that the settings name."""
    _set(monkeypatch, ARR_MIN_VALIDITY_SECONDS="50", ARR_REFRESH_AFTER_SECONDS="100")
    handler = composition.build()
    issued_at = Moment(*(now - 200 for now in system_clock()))
    launched[0][0].settle(IssuedToken(value="ey", ms_cv=None, issued_at=issued_at, expires_on=None, lifetime_s=260))
    assert (await handler.answer(http_request(), "request-id")).status_code == 200
    assert [exchange.started for exchange, _ in launched] == ["load", "refresh"]


def test_one_broker_for_all_exchanges(launched: list[tuple[Exchange, Run]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker is made by the first exchange's thread and kept, as it keeps the identity's token."""
    made: list[tuple[Settings, Clock]] = []

    class TokenSource:
        def __init__(self, settings: Settings, clock: Clock) -> None:
            made.append((settings, clock))

        def issue(self, exchange: Exchange) -> IssuedToken:
            return CacheHarness().token(value=exchange.started)

    module = ModuleType("shared.upstreams.token_source")
    vars(module)["TokenSource"] = TokenSource
    monkeypatch.setitem(sys.modules, "shared.upstreams.token_source", module)
    _set(monkeypatch)
    composition.build()
    assert made == []
    (_, run), *_ = launched
    assert [run(Exchange(started, 1, FakeClock())).value for started in ("load", "refresh")] == ["load", "refresh"]
    assert [(settings.key_vault_url, clock) for settings, clock in made] == [
        (ENVIRONMENT["KEY_VAULT_URL"], system_clock)
    ]


@pytest.mark.parametrize(
    ("environ", "handler", "started"),
    [
        pytest.param(ENVIRONMENT, "Handler", ["load"], id="good settings"),
        pytest.param({}, "MisconfiguredHandler", [], id="no settings"),
    ],
)
def test_loading_imports_no_sdk(environ: dict[str, str], handler: str, started: list[str]) -> None:
    """Loading the function is quick: it imports none of the slow libraries, and silences their logs beforehand."""
    bare = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "SYSTEMROOT"}}
    output = subprocess.check_output([sys.executable, "-c", _LOAD], cwd=ROOT, env=bare | environ, text=True)  # noqa: S603
    loaded = json.loads(output)
    slow = (
        "requests",
        "urllib3",
        "msal",
        "azure.core",
        "azure.identity",
        "azure.keyvault",
        "shared.upstreams.token_source",
    )
    assert [name for name in loaded["modules"] if name.startswith(slow)] == []
    assert (loaded["handler"], loaded["launched"], loaded["silent"]) == (handler, started, True)
