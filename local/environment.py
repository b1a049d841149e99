"""The settings of the function here: those that must lead to the stand-ins, and otherwise the person's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local.account import DEFAULT_DOMAIN, DEFAULT_ID
from local.stand_ins import StandIns

if TYPE_CHECKING:
    from collections.abc import Mapping

_PERSONS_CHOICE = ("ARR_ACCOUNT_ID", "ARR_ACCOUNT_DOMAIN")
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def stand_ins_for(environ: Mapping[str, str], *, public_cas: bool) -> StandIns:
    """Make stand-ins that know the person's account; an id that is no GUID is left for the function to refuse."""
    account_id, domain = (_given(environ, name) for name in _PERSONS_CHOICE)
    return StandIns(
        account_id=account_id if _GUID.fullmatch(account_id) else DEFAULT_ID,
        account_domain=domain or DEFAULT_DOMAIN,
        public_cas=public_cas,
    )


def settings(environ: Mapping[str, str], stand_ins: StandIns) -> dict[str, str]:
    """Name what has to be set in the environment."""
    needed = stand_ins.environment()
    return {name: value for name, value in needed.items() if name not in _PERSONS_CHOICE or not _given(environ, name)}


def shown(environ: Mapping[str, str], stand_ins: StandIns) -> dict[str, str]:
    """Name all settings for a function in another process, the person's own included."""
    own = {name: value for name, value in environ.items() if name.startswith("ARR_") and value.strip()}
    return stand_ins.environment() | own


def _given(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "").strip()
