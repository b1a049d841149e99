"""Removes an app's modules from this process, so that they are imported anew."""

import asyncio
import sys
from pathlib import Path
from types import ModuleType

_POLL_S = 0.01  # an import takes half a second at most
# Subfolders that are not part of the app.
_NOT_THE_APPS = {"__main__", "local", "tests", "conftest"}


async def forget(app_dir: Path) -> None:
    """Remove the app's modules; waits for imports that are running in threads."""
    # A module that is still being imported would mix old modules with new ones. No event tells when an import ends.
    while any(getattr(module.__spec__, "_initializing", False) for module in _modules(app_dir).values()):  # noqa: ASYNC110  # there is no event to wait for
        await asyncio.sleep(_POLL_S)
    for name in _modules(app_dir):
        sys.modules.pop(name, None)


def _modules(app_dir: Path) -> dict[str, ModuleType]:
    return {name: module for name, module in list(sys.modules.items()) if _is_own(name, module, app_dir)}


def _is_own(name: str, module: ModuleType, app_dir: Path) -> bool:
    """Exclude packages of an environment in the app's folder: not all of them can be imported twice."""
    file = getattr(module, "__file__", None)
    if not file or name.partition(".")[0] in _NOT_THE_APPS or Path(file).is_relative_to(sys.prefix):
        return False
    return Path(file).is_relative_to(app_dir)
