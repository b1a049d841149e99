"""The settings of the function here: those that must lead to the simulated services, and otherwise the person's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local.services.account import DEFAULT_DOMAIN, DEFAULT_ID
from local.services.simulated_services import SimulatedServices

if TYPE_CHECKING:
    from collections.abc import Mapping

_PERSONS_CHOICE = ("ARR_ACCOUNT_ID", "ARR_ACCOUNT_DOMAIN")
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def simulated_services_for(environ: Mapping[str, str], *, public_cas: bool) -> SimulatedServices:
    """Make services that know the user's account; the function itself refuses an id that is not a GUID."""
    account_id, domain = (_given(environ, name) for name in _PERSONS_CHOICE)
    return SimulatedServices(
        account_id=account_id if _GUID.fullmatch(account_id) else DEFAULT_ID,
        account_domain=domain or DEFAULT_DOMAIN,
        public_cas=public_cas,
    )


def settings(environ: Mapping[str, str], services: SimulatedServices) -> dict[str, str]:
    """Name what has to be set in the environment."""
    needed = services.environment()
    return {name: value for name, value in needed.items() if name not in _PERSONS_CHOICE or not _given(environ, name)}


def shown(environ: Mapping[str, str], services: SimulatedServices) -> dict[str, str]:
    """Name all settings for a function in another process, the person's own included."""
    own = {name: value for name, value in environ.items() if name.startswith("ARR_") and value.strip()}
    return services.environment() | own


def _given(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "").strip()
