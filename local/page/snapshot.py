"""The state for the page, as JSON. Times are wall-clock seconds of this machine; it contains no secret."""

import logging
import os
import time
from typing import Any

from local import running_function
from local.fault_text import HANG_S, describe
from local.page.history import Exchange, History, Request, ShownLine, UpstreamCall
from local.services.account import SECRET_NAMES
from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices

_TITLES = {"identity": "Managed identity", "key-vault": "Key Vault", "sts": "STS"}


def take(services: SimulatedServices, history: History) -> dict[str, Any]:
    """Return the parts of the state; each is sent after a change."""
    requests = history.requests()
    return {
        "state": _state(services),
        "exchanges": [_exchange(exchange, requests) for exchange in history.exchanges()],
        "log": [_line(line) for line in history.lines()],
    }


def _state(services: SimulatedServices) -> dict[str, Any]:
    token, cool_down = running_function.cached_token(), running_function.cool_down()
    options, revoked = services.sts.options, services.account.revoked
    return {
        "token": token and token._asdict(),
        "cool_down": cool_down and cool_down._asdict(),
        "exchange_under_way": running_function.live_exchange() is not None,
        "configured": running_function.is_configured(),
        "services": {
            name: {"title": _TITLES[name], "fault": _fault(service.faults.current)}
            for name, service in services.by_name().items()
        },
        "keys": {
            name: {"accepted": name not in revoked, "used": secret in _secrets_in_use()}
            for name, secret in SECRET_NAMES.items()
        },
        "sts": {"lifetime": options.lifetime, "clock_offset": options.clock_offset},
    }


def _secrets_in_use() -> list[str]:
    """Return the names of the secrets that the function reads, according to its own settings."""
    if os.environ.get("ARR_CREDENTIAL", "").strip() == "managed-identity":
        return []
    names = os.environ.get("ARR_ACCOUNT_KEY_SECRETS", "").strip() or SECRET_NAMES["primary"]
    return [name.strip() for name in names.split(",")]


def _fault(fault: Fault | None) -> dict[str, Any] | None:
    if fault is None:
        return None
    return {"kind": _kind(fault), "text": describe(fault)}


def _kind(fault: Fault) -> str:
    """Return the name of the page's switch for this fault."""
    if fault.raw is not None or (fault.body is not None and fault.status is None):
        return "garbage"
    if fault.drop is not None:
        return "drop"
    if fault.trickle is not None:
        return "trickle"
    if fault.delay and fault.status is None:
        return "hang" if fault.delay >= HANG_S else "delay"
    return "status"


def _exchange(exchange: Exchange, requests: list[Request]) -> dict[str, Any]:
    trigger = None if exchange.live is None else exchange.live.trigger
    caller = next((request for request in requests if _waited_for(request, exchange)), None)
    return {
        "number": exchange.number,
        "started": exchange.started,
        "trigger": trigger,
        "outcome": exchange.outcome,
        "seconds": exchange.seconds,
        "calls": [_call(call) for call in exchange.calls],
        "caller": None
        if caller is None or trigger != "request"
        else {"status": caller.status, "code": caller.code, "seconds": caller.seconds},
    }


def _waited_for(request: Request, exchange: Exchange) -> bool:
    """Tell whether the request was running when the exchange made its first call."""
    ended = time.time() if request.seconds is None else request.started + request.seconds
    return request.started <= exchange.started <= ended


def _call(upstream: UpstreamCall) -> dict[str, Any]:
    call = upstream.call
    return {
        "service": upstream.service,
        "method": call.method,
        "path": call.path,
        "started": call.started,
        "seconds": call.seconds,
        "status": call.status,
        "challenge": call.status == 401 and "WWW-Authenticate" in call.response_headers,  # noqa: PLR2004  # a status
        "retry_after": call.response_headers.get("Retry-After"),
        "ms_cv": call.response_headers.get("MS-CV"),
    }


def _line(line: ShownLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "at": line.at,
        "request": line.line.invocation_id,
        "level": logging.getLevelName(line.line.level),
        "text": line.line.text,
        "lost": line.lost,
    }
