"""The measured process: Microsoft's worker library with one function app, or with two to compare.

``python -m bench.probe <measurement> <options as JSON>`` prints its figures as JSON. Linux only, as in Azure.
"""

import asyncio
import json
import logging
import os
import random
import socket
import subprocess
import sys
from collections import deque
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, process_time
from types import TracebackType
from typing import IO, Any, Self, override

from bench.recorder import Recorder
from local.host import protos
from local.host.invocations import current_invocation
from local.host.worker import Worker
from local.services.reply import Reply

_URL = "http://127.0.0.1/api/GetArrToken"
_OK = 200
_KIB_PER_MIB = 1_024
_WARM_CALLS = 300
_CALLS_A_BLOCK = 50
#: Reports its start, waits until the pipe closes, and spins. It ends by itself if this process dies.
_SPIN = """
import sys, time
print(flush=True)
sys.stdin.read()
end = time.monotonic() + 1 + float(sys.argv[1])
while time.monotonic() < end:
    pass
"""


async def start(app: str, calls: int, host_work_s: float) -> dict[str, float]:
    """Measure load, first token and processor time in seconds, and memory in MiB after more calls, 8 at a time."""
    worker = Worker(app)
    with _BusyHost(host_work_s) as host:
        began, processor_s = perf_counter(), process_time()
        await worker.load()
        loaded = perf_counter()
        await host.work()
        await _token(worker)
        first, processor_s = perf_counter(), process_time() - processor_s
    await _closed_loop(worker, 8, calls=calls)
    return {
        "load_s": loaded - began,
        "first_s": first - began,
        "processor_s": processor_s,
        "resident_mib": _resident_mib(),
    }


async def timeline(app: str) -> dict[str, Any]:
    """Record the activities of this process until the first token, on the system's monotonic clock."""
    worker = Worker(app)
    recorder = Recorder()
    recorder.install()
    began = perf_counter()
    await worker.load()
    loaded = perf_counter()
    await _token(worker)
    return {"began": began, "loaded": loaded, "first": perf_counter(), "spans": recorder.spans}


async def rate(app: str, at_once: list[int], seconds: float) -> dict[str, dict[str, float]]:
    """Measure tokens a second and percentiles of the latency in seconds, for each number of callers."""
    worker = Worker(app)
    await worker.load()
    await _token(worker)
    figures = {}
    for callers in at_once:
        began = perf_counter()
        latencies = await _closed_loop(worker, callers, seconds=seconds)
        figures[str(callers)] = _percentiles(latencies) | {"per_s": len(latencies) / (perf_counter() - began)}
    return figures


async def cached(apps: dict[str, str], blocks: int) -> dict[str, dict[str, float]]:
    """Measure latencies of several apps in one process, in small blocks in random order: separate processes scatter."""
    workers = {name: Worker(app) for name, app in apps.items()}
    for worker in workers.values():
        await worker.load()
        await _closed_loop(worker, 1, calls=_WARM_CALLS)
    shapes = {_shape(await _token(worker)) for worker in workers.values()}
    if len(shapes) > 1:
        raise RuntimeError(f"the responses differ in shape: {shapes}")
    latencies: dict[str, list[float]] = {name: [] for name in workers}
    order = list(workers) * blocks
    random.shuffle(order)
    for name in order:
        latencies[name] += await _closed_loop(workers[name], 1, calls=_CALLS_A_BLOCK)
    return {name: _percentiles(values) for name, values in latencies.items()}


async def calls(app: str, first: int, then: int) -> dict[str, int]:
    """Make the first calls simultaneously, then more, 32 at a time; the simulated services count their own calls."""
    worker = Worker(app)
    await worker.load()
    await asyncio.gather(*(_token(worker) for _ in range(first)))
    await _closed_loop(worker, 32, calls=then)
    return {"responses": first + then}


class _BusyHost:
    """The host's own work between loading and the first call, simulated by two spinning processes a core."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start the processes. They wait until `work`, so that their own start does not disturb the loading."""
        processes = 2 * len(os.sched_getaffinity(0)) if self._seconds else 0
        command = [sys.executable, "-I", "-S", "-c", _SPIN, str(self._seconds)]
        self._spinning = [
            self._stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            for _ in range(processes)
        ]
        for one in self._spinning:
            _pipe(one.stdout).readline()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    async def work(self) -> None:
        """Keep all cores busy; other threads of this process continue."""
        for one in self._spinning:
            _pipe(one.stdin).close()
        await asyncio.sleep(self._seconds)
        for one in self._spinning:
            one.kill()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise RuntimeError("no pipe")
    return pipe


def _resolve_hosts() -> None:
    """Resolve the names in `BENCH_HOSTS` to the ports of simulated services."""
    resolve: Any = socket.getaddrinfo
    ports = json.loads(os.environ["BENCH_HOSTS"])

    def getaddrinfo(host: Any, service: Any, *rest: Any, **options: Any) -> Any:
        if host in ports:
            host, service = "127.0.0.1", ports[host]
        return resolve(host, service, *rest, **options)

    socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]  # its types are less strict


async def _closed_loop(
    worker: Worker, callers: int, *, seconds: float | None = None, calls: int = sys.maxsize
) -> list[float]:
    """Let each caller call again after each response, until the time is over or all calls are made."""
    latencies: list[float] = []
    turns = iter(range(calls))
    end = float("inf") if seconds is None else perf_counter() + seconds

    async def caller() -> None:
        for _ in turns:
            began = perf_counter()
            await _token(worker)
            ended = perf_counter()
            latencies.append(ended - began)
            if ended >= end:
                return

    await asyncio.gather(*(caller() for _ in range(callers)))
    return latencies


async def _token(worker: Worker) -> Reply:
    reply = await worker.invoke("GET", _URL)
    if reply.status != _OK:
        raise RuntimeError(f"no token: {reply.status} {reply.error or reply.body.decode()}")
    return reply


def _shape(reply: Reply) -> str:
    headers = {name.lower(): len(value) for name, value in reply.headers.items() if name.lower() != "age"}
    return f"{len(reply.body)} bytes, {sorted(headers.items())}"


def _percentiles(latencies: list[float]) -> dict[str, float]:
    ordered = sorted(latencies)
    return {f"p{percent}_s": ordered[min(len(ordered) * percent // 100, len(ordered) - 1)] for percent in (50, 99)}


def _resident_mib() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / _KIB_PER_MIB


class _ToHost(logging.Handler):
    """Handles log lines as the worker does: formats them, and queues them for the host as messages."""

    def __init__(self) -> None:
        super().__init__()
        self._protos = protos.load()
        self._queue: deque[Any] = deque(maxlen=1_000)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        message = self._protos.RpcLog(
            level=self._protos.RpcLog.Information,
            message=self.format(record),
            category=record.name,
            invocation_id=current_invocation(),
        )
        self._queue.append(self._protos.StreamingMessage(rpc_log=message))


if __name__ == "__main__":
    _resolve_hosts()
    logging.basicConfig(level=logging.INFO, handlers=[_ToHost()])
    measure = {"start": start, "timeline": timeline, "rate": rate, "cached": cached, "calls": calls}[sys.argv[1]]
    print(json.dumps(asyncio.run(measure(**json.loads(sys.argv[2])))))  # type: ignore[operator]  # their arguments differ
