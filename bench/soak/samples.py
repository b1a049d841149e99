"""What the function's process holds: threads, sockets, files, memory. Read from inside it, twice a second."""

import gc
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

_EVERY_S: Final = 0.5
_PROC: Final = Path("/proc/self")
_FDS: Final = _PROC / "fd"
_PAGE_KIB: Final = 4
_EXCHANGE: Final = "arr-token-exchange"


class Sample(NamedTuple):
    """Taken after garbage collection; -1 where this system does not tell."""

    at: float
    #: Those of an exchange, its watchdog included, and all others.
    exchange_threads: int
    other_threads: int
    #: TCP connections that were opened to an upstream.
    upstream_sockets: int
    #: Open files of any kind but connections: their number swings with the callers.
    files: int
    #: Python's own blocks of memory.
    blocks: int
    rss_kib: int
    #: Seconds that the event loop's thread has stood in line for a processor since its start.
    queued_s: float


class Sampler(threading.Thread):
    """Hands out samples until it is stopped."""

    def __init__(self, upstream_ports: set[int], report: Callable[[Sample], None]) -> None:
        super().__init__(name="soak-sampler", daemon=True)
        self._upstream_ports = upstream_ports
        self._report = report
        self._stopping = threading.Event()

    def run(self) -> None:
        """Sample until stopped, and then once more."""
        while not self._stopping.wait(_EVERY_S):
            self._report(self._sample())
        self._report(self._sample())

    def stop(self) -> None:
        """Take the last sample, and end."""
        self._stopping.set()
        self.join()

    def _sample(self) -> Sample:
        gc.collect()
        threads = [thread for thread in threading.enumerate() if thread is not self]
        exchange = [one for one in threads if one.name == _EXCHANGE or isinstance(one, threading.Timer)]
        open_files = _open_files()
        connections = _connections() if open_files else {}
        of_upstreams = [
            port for name, port in connections.items() if name in open_files and port in self._upstream_ports
        ]
        return Sample(
            at=time.time(),
            exchange_threads=len(exchange),
            other_threads=len(threads) - len(exchange),
            upstream_sockets=len(of_upstreams) if open_files else -1,
            files=len([name for name in open_files if name not in connections]) if open_files else -1,
            blocks=sys.getallocatedblocks(),
            rss_kib=_rss_kib(),
            queued_s=_queued_s(),
        )


def _open_files() -> list[str]:
    if not _FDS.exists():
        return []
    found = []
    for number in os.listdir(_FDS):  # noqa: PTH208 - one of them is this listing's own
        try:
            found.append(os.readlink(_FDS / number))  # noqa: PTH115 - it is no path
        except OSError:
            continue
    return found


def _connections() -> dict[str, int]:
    """Return the port at the other end of each connection, by the name that its descriptor links to."""
    connections: dict[str, int] = {}
    for line in (_PROC / "net" / "tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if fields[3] != "0A":  # listening
            connections[f"socket:[{fields[9]}]"] = int(fields[2].rpartition(":")[2], 16)
    return connections


def _rss_kib() -> int:
    file = _PROC / "statm"
    return int(file.read_text(encoding="ascii").split()[1]) * _PAGE_KIB if file.exists() else -1


def _queued_s() -> float:
    file = _PROC / "task" / str(os.getpid()) / "schedstat"
    return int(file.read_text(encoding="ascii").split()[1]) / 1e9 if file.exists() else 0.0
