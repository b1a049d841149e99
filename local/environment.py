"""The function's settings in the stack: some lead to the simulated services, the others are the user's own."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from local.services.account import DEFAULT_DOMAIN, DEFAULT_ID
from local.services.simulated_services import SimulatedServices

_EXAMPLE = Path(__file__).parents[1] / "local.settings.json.example"
_USERS_CHOICE = ("ARR_ACCOUNT_ID", "ARR_ACCOUNT_DOMAIN")
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
#: Often set on a developer's machine for other reasons; they have no effect on the stack.
_NOT_WORTH_A_WORD = frozenset({"REQUESTS_CA_BUNDLE", "NO_PROXY", "no_proxy"})


def simulated_services_for(environ: Mapping[str, str], *, public_cas: bool) -> SimulatedServices:
    """Make services for the user's account; the function itself refuses an id that is not a GUID."""
    account_id, domain = (_given(environ, name) for name in _USERS_CHOICE)
    return SimulatedServices(
        account_id=account_id if _GUID.fullmatch(account_id) else DEFAULT_ID,
        account_domain=domain or DEFAULT_DOMAIN,
        public_cas=public_cas,
    )


def settings(environ: Mapping[str, str], services: SimulatedServices) -> dict[str, str]:
    """Return the settings for the environment."""
    needed = services.environment()
    return {name: value for name, value in needed.items() if name not in _USERS_CHOICE or not _given(environ, name)}


def shown(environ: Mapping[str, str], services: SimulatedServices) -> dict[str, str]:
    """Return all settings for a function in another process, the user's own included."""
    own = {
        name: value for name, value in environ.items() if name in known() and value.strip() and name.startswith("ARR_")
    }
    return {"FUNCTIONS_WORKER_RUNTIME": "python"} | own | settings(environ, services)


def remarks(environ: Mapping[str, str], services: SimulatedServices) -> Iterator[str]:
    """Yield a remark for each of the user's settings without effect. Call it before the stack sets its own."""
    for name in sorted(environ):
        if name.startswith("ARR_") and name not in known():
            yield f"{name} is no setting of the function: there are {', '.join(sorted(known()))}."
    for name, value in settings(environ, services).items():
        if _given(environ, name) not in {"", value} and name not in _NOT_WORTH_A_WORD:
            yield f"{name} is not used here: it has to lead to the simulated services."


def winning(environ: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """Return the names that the shell sets to another value: `func start` prefers a shell variable to the file."""
    return [name for name, value in wanted.items() if _given(environ, name) not in {"", value}]


def known() -> frozenset[str]:
    """Return the names of all settings of the function."""
    values = json.loads(_EXAMPLE.read_text(encoding="utf-8"))["Values"]
    return frozenset(values) - {"AzureWebJobsStorage", "FUNCTIONS_WORKER_RUNTIME"}


def _given(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "").strip()
