"""Loads a function app into Microsoft's worker library and calls it once: ``python -I -S host.py APP WORKER``.

Without site-packages: the app's packages come from its ``.python_packages``, as in Azure, and WORKER is a folder with
nothing but the worker library, its protobuf and our ``local``, which stands for the Functions host.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

APP, WORKER = (Path(argument).resolve() for argument in sys.argv[1:])
STANDARD_LIBRARY = list(map(Path, sys.path))
PACKAGES = APP / ".python_packages" / "lib" / "site-packages"


def strangers() -> list[str]:
    """Name the modules that come from neither the app, the worker nor Python."""
    places = [APP, WORKER, *STANDARD_LIBRARY]
    files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items() if name != "__main__"}
    return [name for name, file in files.items() if file and not any(map(Path(file).is_relative_to, places))]


async def call() -> dict[str, Any]:
    """Return the response as a caller gets it, and the origin of its code."""
    from local.host.worker import Worker  # noqa: PLC0415  # its path is set below

    worker = Worker(APP)
    await worker.load()
    reply = await worker.invoke("GET", "http://localhost/api/GetArrToken")
    return {"status": reply.status, "body": json.loads(reply.body), "strangers": strangers()}


if __name__ == "__main__":
    sys.path += [str(PACKAGES), str(WORKER)]
    print(json.dumps(asyncio.run(call())))  # noqa: T201  # its result
