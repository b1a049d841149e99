"""What a caller may ask for: contract section 3."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from shared.errors import InvalidRequest
from shared.formats import parse_ms_cv
from shared.settings import MAX_VALIDITY_S

_QUOTED: Final = r'(?s)"(?:[^"\\]|\\.)*(?:"|\\?$)'  # one that never ends is taken whole: trying on is quadratic
_MOST_DIGITS: Final = 5  # of 82800


class Parameters(NamedTuple):
    """A request: the life that it needs in seconds, and whether its token was refused."""

    min_validity_s: int
    renew: bool


def read_parameters(query: Mapping[str, str], headers: Mapping[str, str]) -> Parameters:
    """Read a request; raises `InvalidRequest`."""
    return Parameters(_min_validity_s(query.get("minValidity")), _refused(headers.get("Cache-Control")))


def client_cv(headers: Mapping[str, str]) -> str | None:
    """Return the caller's own correlation vector if it is one."""
    return parse_ms_cv(headers.get("MS-CV"))


def _min_validity_s(value: str | None) -> int:
    if value is None:
        return 0
    significant = value.lstrip("0")
    if not (value.isascii() and value.isdigit()) or len(significant) > _MOST_DIGITS:
        raise InvalidRequest
    if int(significant or "0") > MAX_VALIDITY_S:
        raise InvalidRequest
    return int(significant or "0")


def _refused(cache_control: str | None) -> bool:
    """Tell whether ``no-cache`` is one of the directives, and not a word inside another's quoted argument."""
    if not cache_control:
        return False
    directives = re.sub(_QUOTED, '""', cache_control).lower().split(",")
    return any(directive.strip() == "no-cache" for directive in directives)
