"""host.json, function.json and the example of settings, as the Functions host reads them."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def load(name: str) -> Any:
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def test_nothing_is_fetched_for_http() -> None:
    """There is no extension bundle: HTTP needs none, and each start of an instance would load it."""
    assert "extensionBundle" not in load("host.json")


def test_no_audit_line_falls_to_sampling() -> None:
    """Requests, exceptions and traces, among them the audit line, are never sampled away."""
    sampling = load("host.json")["logging"]["applicationInsights"]["samplingSettings"]
    assert {"Request", "Exception", "Trace"} <= set(sampling["excludedTypes"].split(";"))


def test_the_audit_line_is_logged() -> None:
    """It is written at Information, the host's default; naming it makes `func start` print 340 lines."""
    assert "logLevel" not in load("host.json")["logging"]


def test_the_platform_adds_its_headers() -> None:
    """HSTS for a year, counted in days as a TimeSpan, and no guessing of types on the host's own answers."""
    http = load("host.json")["extensions"]["http"]
    assert http["hsts"] == {"isEnabled": True, "maxAge": "365"}
    assert http["customHeaders"] == {"X-Content-Type-Options": "nosniff"}


def test_a_crowd_is_let_in() -> None:
    """500 headsets that start at once are under the limit over which the host answers a bare 429."""
    assert load("host.json")["extensions"]["http"]["maxOutstandingRequests"] > 500


def test_the_function_is_called_with_a_key_by_get() -> None:
    """Nobody without the function key reaches the code, and no other method."""
    trigger, answer = load("GetArrToken/function.json")["bindings"]
    assert (trigger["type"], trigger["authLevel"], trigger["methods"]) == ("httpTrigger", "function", ["get"])
    assert (answer["type"], answer["direction"], answer["name"]) == ("http", "out", "$return")


def test_the_example_starts_a_python_worker() -> None:
    """Copied to local.settings.json, it is all that `func start` needs: plain text, the runtime, no storage."""
    example = load("local.settings.json.example")
    assert example["IsEncrypted"] is False
    assert example["Values"]["FUNCTIONS_WORKER_RUNTIME"] == "python"
