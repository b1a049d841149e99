"""MS-CV, the correlation vector of Microsoft's services.

Source: https://github.com/microsoft/CorrelationVector (version 2: a base of 22 base64 characters; version 1: 16).
"""

import base64
import os
import re
from collections.abc import Mapping

from shared.tokens import is_visible_ascii

_BASE_BYTES = 16
_BASE_LENGTH = 22
_MAX_LENGTH = 128
_VECTOR = r"(?:[A-Za-z0-9+/]{22}|[A-Za-z0-9+/]{16})(?:\.[0-9]{1,10})*"


def new_base() -> str:
    """Return a fresh base: 22 characters of base64."""
    return base64.b64encode(os.urandom(_BASE_BYTES))[:_BASE_LENGTH].decode()


def well_formed(unverified_vector: str | None) -> str | None:
    """Return a caller's vector if it is one, otherwise nothing of it."""
    if unverified_vector and len(unverified_vector) <= _MAX_LENGTH and re.fullmatch(_VECTOR, unverified_vector):
        return unverified_vector
    return None


def of_answer(headers: Mapping[str, str]) -> str | None:
    """Return the MS-CV of an STS answer if it may be passed on; white space around it is not part of it."""
    return passable(headers.get("MS-CV", "").strip(" \t"))


def passable(unverified_value: str | None) -> str | None:
    """Return a value that may stand in a header and in a log line (1 to 128 characters of visible ASCII), or None."""
    if unverified_value and len(unverified_value) <= _MAX_LENGTH and is_visible_ascii(unverified_value):
        return unverified_value
    return None
