"""Reads a Fault from a user's JSON."""

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

from local.services.faults import Fault

_MAX_S = 86_400.0
_MAX_COUNT = 1_000_000_000
_LAST_STATUS = 599
_FIRST_STATUS = 200


class BadValueError(ValueError):
    """The message is one sentence for the sender."""


def fault_from_json(values: Mapping[str, Any]) -> Fault:
    """Check every field.

    Raises BadValueError.
    """
    known = ", ".join(field.name for field in dataclasses.fields(Fault))
    for name in values:
        if name not in _READERS:
            raise BadValueError(f"{name} is no field of a fault: there are {known}.")
    if not values:
        raise BadValueError(f"A fault needs at least one field: there are {known}.")
    return Fault(**{name: _READERS[name](name, value) for name, value in values.items() if value is not None})


def read_number(name: str, value: object, low: float, high: float) -> float:
    """Raise BadValueError outside the bounds, which are part of the range."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not number or not low <= float(str(value)) <= high:
        raise BadValueError(f"{name} must be a number from {low:.0f} to {high:.0f}.")
    return float(str(value))


def _seconds(name: str, value: object) -> float:
    return read_number(name, value, 0, _MAX_S)


def _whole(low: int, high: int) -> Callable[[str, object], int]:
    def read(name: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise BadValueError(f"{name} must be a whole number from {low} to {high}.")
        return value

    return read


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadValueError(f"{name} must be a string.")
    return value


def _raw(name: str, value: object) -> bytes:
    return _text(name, value).encode()


def _choice(*choices: str) -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        if value not in choices:
            raise BadValueError(f"{name} must be one of {', '.join(choices)}.")
        return str(value)

    return read


def _headers(name: str, value: object) -> dict[str, str | None]:
    if not isinstance(value, dict):
        raise BadValueError(f"{name} must be an object of header names and values.")
    for header, text in value.items():
        if text is not None and (not isinstance(text, str) or not text.isprintable()):
            raise BadValueError(f"The header {header} must be one line of text, or null to take it away.")
        if not header or not header.isascii() or not header.replace("-", "a").replace("_", "a").isalnum():
            raise BadValueError(f"{header} is no name of a header.")
    return value


_READERS: dict[str, Callable[[str, object], Any]] = {
    "status": _whole(_FIRST_STATUS, _LAST_STATUS),
    "headers": _headers,
    "body": _text,
    "delay": _seconds,
    "drop": _choice("before", "headers", "body"),
    "trickle": _choice("headers", "body"),
    "interval": _seconds,
    "raw": _raw,
    "times": _whole(1, _MAX_COUNT),
    "skip": _whole(0, _MAX_COUNT),
}
