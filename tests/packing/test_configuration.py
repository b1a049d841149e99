"""host.json, function.json and the example of settings, as the Functions host reads them."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def load(name: str) -> Any:
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def test_nothing_is_fetched_for_http() -> None:
    """An instance starts without loading an extension bundle, which HTTP does not need."""
    assert "extensionBundle" not in load("host.json")


def test_no_audit_line_falls_to_sampling() -> None:
    """Requests, exceptions and traces, and so every audit line, are never sampled."""
    sampling = load("host.json")["logging"]["applicationInsights"]["samplingSettings"]
    assert {"Request", "Exception", "Trace"} <= set(sampling["excludedTypes"].split(";"))


def test_the_audit_line_is_logged() -> None:
    """Audit lines are logged at the host's default level; a level in host.json makes `func start` print 340 lines."""
    assert "logLevel" not in load("host.json")["logging"]


def test_the_platform_adds_its_headers() -> None:
    """Clients get HSTS for a year, and no content sniffing of the host's own responses."""
    http = load("host.json")["extensions"]["http"]
    assert http["hsts"] == {"isEnabled": True, "maxAge": "365"}
    assert http["customHeaders"] == {"X-Content-Type-Options": "nosniff"}


def test_500_simultaneous_requests_are_accepted() -> None:
    """500 headsets that start at once stay below the limit at which the host sends a bare 429."""
    assert load("host.json")["extensions"]["http"]["maxOutstandingRequests"] > 500


def test_the_function_is_called_with_a_key_by_get() -> None:
    """A request without the function key, or with another method, never reaches the code."""
    trigger, output = load("GetArrToken/function.json")["bindings"]
    assert (trigger["type"], trigger["authLevel"], trigger["methods"]) == ("httpTrigger", "function", ["get"])
    assert (output["type"], output["direction"], output["name"]) == ("http", "out", "$return")


def test_the_example_starts_a_python_worker() -> None:
    """With a copy as local.settings.json, `func start` needs nothing else: no storage and no encryption."""
    example = load("local.settings.json.example")
    assert example["IsEncrypted"] is False
    assert example["Values"]["FUNCTIONS_WORKER_RUNTIME"] == "python"
