"""A small function app, and clients for the local host."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from azure.keyvault.secrets._shared import http_challenge_cache

from local.services.simulated_services import SimulatedServices

_FUNCTION_JSON = {
    "scriptFile": "__init__.py",
    "bindings": [
        {"authLevel": "function", "type": "httpTrigger", "direction": "in", "name": "req", "methods": ["get"]},
        {"type": "http", "direction": "out", "name": "$return"},
    ],
}
_HOST_JSON = {"version": "2.0", "extensions": {"http": {"customHeaders": {"X-Content-Type-Options": "nosniff"}}}}
_CODE = """
import json
import logging
import azure.functions as func

async def main(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    logging.getLogger("app").info("in %s", context.invocation_id)
    seen = {"method": req.method, "url": req.url, "params": dict(req.params), "headers": dict(req.headers)}
    return func.HttpResponse(json.dumps(seen), headers={"X-Own": "1"}, mimetype="application/json")
"""

type MakeApp = Callable[..., Path]


@pytest.fixture
def make_app(tmp_path: Path) -> MakeApp:
    """Write a function app; the default one returns the request as JSON."""

    def make(code: str = _CODE, *, host: object = None, function: object = None, name: str = "Echo") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text(code, encoding="utf-8")
        (folder / "function.json").write_text(json.dumps(function or _FUNCTION_JSON), encoding="utf-8")
        (tmp_path / "host.json").write_text(json.dumps(host or _HOST_JSON), encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture
def sdk_environment(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead the SDKs to the simulated services; Key Vault's remembers challenges for the whole process."""
    for name, value in services.environment().items():
        monkeypatch.setenv(name, value)
    http_challenge_cache.clear()
