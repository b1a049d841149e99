"""How long a process waited for a processor."""

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Final, TextIO

_EVERY_S: Final = 0.5


async def note_waiting(file: TextIO) -> None:
    """Write, again and again, how long the main thread has waited since its start."""
    schedstat = Path(f"/proc/self/task/{os.getpid()}/schedstat")
    while True:
        waited_s = int(schedstat.read_text(encoding="ascii").split()[1]) / 1e9  # noqa: ASYNC240  # procfs does not block
        file.write(json.dumps({"at": time.time(), "waited_s": waited_s}) + "\n")
        await asyncio.sleep(_EVERY_S)
