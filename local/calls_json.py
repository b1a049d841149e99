"""The content of GET /local/calls; never a secret."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from local.services.faults import Call, Faults

_CALLS_SHOWN = 20
_SECRET_HEADERS = {"authorization", "x-identity-header", "cookie", "proxy-authorization"}


def redacted(headers: Mapping[str, str]) -> dict[str, str]:
    """Replace the values of headers that carry secrets."""
    return {name: "(secret)" if name.lower() in _SECRET_HEADERS else value for name, value in headers.items()}


def summary(faults: Faults) -> dict[str, Any]:
    """Return the current fault and the last calls."""
    fault = faults.current
    return {
        "count": faults.count,
        "fault": None
        if fault is None
        else [field.name for field in dataclasses.fields(fault) if _is_set(fault, field)],
        "calls": [_shown(call) for call in faults.calls[-_CALLS_SHOWN:]],
    }


def _is_set(fault: object, field: dataclasses.Field[Any]) -> bool:
    return getattr(fault, field.name) not in (field.default, {})


def _shown(call: Call) -> dict[str, Any]:
    return {
        "method": call.method,
        "path": call.path,
        "query": dict(call.query),
        "headers": redacted(call.headers),
        "status": call.status,
        "started": call.started,
        "seconds": call.seconds,
    }
