"""Reads host.json and function.json, and refuses by name every part that this project does not use."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HOST_KEYS = {"version", "functionTimeout", "logging", "extensions"}
_HTTP_KEYS = {"routePrefix", "maxOutstandingRequests", "customHeaders", "hsts"}
_FUNCTION_KEYS = {"scriptFile", "bindings"}
_TRIGGER_KEYS = {"authLevel", "type", "direction", "name", "methods", "route"}
_AUTH_LEVELS = {"anonymous", "function"}


class UnsupportedConfigurationError(Exception):
    """The message names the file and the unsupported part."""


@dataclass(frozen=True)
class AppConfig:
    function: str
    directory: Path
    script_file: str
    # As in function.json: name, type, direction ...
    bindings: tuple[Mapping[str, Any], ...]
    # Path of the function, with a leading slash.
    path: str
    # Upper case; if empty, every method.
    methods: frozenset[str]
    needs_key: bool
    custom_headers: Mapping[str, str]
    # None: no limit.
    max_outstanding_requests: int | None


def read(app_dir: Path) -> AppConfig:
    """Read the configuration of an app that holds exactly one function.

    Raises UnsupportedConfigurationError.
    """
    http = _read_http_options(app_dir / "host.json")
    file = _function_file(app_dir)
    config = _load(file, _FUNCTION_KEYS)
    bindings = config.get("bindings", [])
    trigger = _trigger(file, bindings)
    route = "/".join(part for part in (http.get("routePrefix", "api"), trigger.get("route", file.parent.name)) if part)
    if "{" in route:
        raise _unsupported(file, "route parameters")
    return AppConfig(
        function=file.parent.name,
        directory=file.parent,
        script_file=config.get("scriptFile", "__init__.py"),
        bindings=tuple(bindings),
        path=f"/{route}",
        methods=frozenset(method.upper() for method in trigger.get("methods", ())),
        needs_key=trigger.get("authLevel", "function") == "function",
        custom_headers=http.get("customHeaders", {}),
        max_outstanding_requests=http.get("maxOutstandingRequests"),
    )


def _read_http_options(file: Path) -> dict[str, Any]:
    config = _load(file, _HOST_KEYS)
    if config.get("version") != "2.0":
        raise _unsupported(file, f"version {config.get('version')}")
    extensions = config.get("extensions", {})
    _check_keys(file, extensions, {"http"})
    http: dict[str, Any] = extensions.get("http", {})
    _check_keys(file, http, _HTTP_KEYS)
    return http


def _function_file(app_dir: Path) -> Path:
    files = sorted(app_dir.glob("*/function.json"))
    if len(files) != 1:
        names = ", ".join(file.parent.name for file in files) or "none"
        raise UnsupportedConfigurationError(f"{app_dir}: the local host runs exactly one function, found {names}")
    return files[0]


def _trigger(file: Path, bindings: list[dict[str, Any]]) -> dict[str, Any]:
    for binding in bindings:
        if (binding.get("type"), binding.get("direction")) not in {("httpTrigger", "in"), ("http", "out")}:
            raise _unsupported(file, f"binding type {binding.get('type')} with direction {binding.get('direction')}")
        _check_keys(file, binding, _TRIGGER_KEYS)
    triggers = [binding for binding in bindings if binding["type"] == "httpTrigger"]
    if len(triggers) != 1 or {binding["name"] for binding in bindings} - {triggers[0]["name"]} != {"$return"}:
        raise _unsupported(file, "anything but one httpTrigger and one http binding named $return")
    if triggers[0].get("authLevel", "function") not in _AUTH_LEVELS:
        raise _unsupported(file, f"authLevel {triggers[0]['authLevel']}")
    return triggers[0]


def _load(file: Path, known: set[str]) -> dict[str, Any]:
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnsupportedConfigurationError(f"{file}: can't be read ({error})") from error
    if not isinstance(config, dict):
        raise _unsupported(file, "anything but a JSON object")
    _check_keys(file, config, known)
    return config


def _check_keys(file: Path, config: Mapping[str, Any], known: set[str]) -> None:
    for key in config:
        if key not in known:
            raise _unsupported(file, f'"{key}"')


def _unsupported(file: Path, what: str) -> UnsupportedConfigurationError:
    return UnsupportedConfigurationError(f"{file}: the local host does not support {what}")
