"""The parameters of a request: contract section 3."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from shared.errors import InvalidRequest
from shared.formats import parse_ms_cv
from shared.limits import MAX_MIN_VALIDITY_S

_QUOTED: Final = (
    r'(?s)"(?:[^"\\]|\\.)*(?:"|\\?$)'  # an unterminated one is consumed whole: backtracking would be quadratic
)
_MOST_DIGITS: Final = 5  # of 82800


class Parameters(NamedTuple):
    """The remaining lifetime that the caller needs, in seconds, and whether ARR rejected the caller's token."""

    min_validity_s: int
    renew: bool


def read_parameters(query: Mapping[str, str], headers: Mapping[str, str]) -> Parameters:
    """Read ``minValidity`` and ``Cache-Control``; raises `InvalidRequest`."""
    return Parameters(_min_validity_s(query.get("minValidity")), _has_no_cache(headers.get("Cache-Control")))


def client_cv(headers: Mapping[str, str]) -> str | None:
    """Return the caller's own correlation vector if it is well-formed, else None."""
    return parse_ms_cv(headers.get("MS-CV"))


def _min_validity_s(value: str | None) -> int:
    if value is None:
        return 0
    significant = value.lstrip("0")
    if not (value.isascii() and value.isdigit()) or len(significant) > _MOST_DIGITS:
        raise InvalidRequest
    if int(significant or "0") > MAX_MIN_VALIDITY_S:
        raise InvalidRequest
    return int(significant or "0")


def _has_no_cache(cache_control: str | None) -> bool:
    """Tell whether ``no-cache`` is one of the directives, and not a word in another's quoted argument."""
    if not cache_control:
        return False
    directives = re.sub(_QUOTED, '""', cache_control).lower().split(",")
    return any(directive.strip() == "no-cache" for directive in directives)
