"""The measured process: Microsoft's worker library, one function app (or two), and a clock.

``python -m bench.probe <measurement> <options as JSON>`` prints its figures as JSON. Linux only, as in Azure.
"""

import asyncio
import json
import logging
import random
import sys
from collections import deque
from pathlib import Path
from time import perf_counter
from typing import Any, override

from local.host import protos
from local.host.invocations import current_invocation
from local.host.worker import Worker
from local.services.reply import Reply

_URL = "http://127.0.0.1/api/GetArrToken"
_OK = 200
_KIB_PER_MIB = 1_024
_WARM_CALLS = 300
_CALLS_A_BLOCK = 50


async def start(app: str, calls: int) -> dict[str, float]:
    """Load and first token in seconds; resident memory in MiB after some more calls, 8 at a time."""
    worker = Worker(app)
    began = perf_counter()
    await worker.load()
    loaded = perf_counter()
    await _token(worker)
    first = perf_counter()
    await _closed_loop(worker, 8, calls=calls)
    return {"load_s": loaded - began, "first_s": first - began, "resident_mib": _resident_mib()}


async def rate(app: str, at_once: list[int], seconds: float) -> dict[str, dict[str, float]]:
    """Tokens a second and the latencies' percentiles in seconds, for so many callers at a time."""
    worker = Worker(app)
    await worker.load()
    await _token(worker)
    figures = {}
    for callers in at_once:
        began = perf_counter()
        latencies = await _closed_loop(worker, callers, seconds=seconds)
        figures[str(callers)] = _percentiles(latencies) | {"per_s": len(latencies) / (perf_counter() - began)}
    return figures


async def held(apps: dict[str, str], blocks: int) -> dict[str, dict[str, float]]:
    """Latencies of several apps in this one process, in small blocks in random order: separate processes scatter."""
    workers = {name: Worker(app) for name, app in apps.items()}
    for worker in workers.values():
        await worker.load()
        await _closed_loop(worker, 1, calls=_WARM_CALLS)
    shapes = {_shape(await _token(worker)) for worker in workers.values()}
    if len(shapes) > 1:
        raise RuntimeError(f"the answers differ in shape: {shapes}")
    latencies: dict[str, list[float]] = {name: [] for name in workers}
    order = list(workers) * blocks
    random.shuffle(order)
    for name in order:
        latencies[name] += await _closed_loop(workers[name], 1, calls=_CALLS_A_BLOCK)
    return {name: _percentiles(values) for name, values in latencies.items()}


async def calls(app: str, first: int, then: int) -> dict[str, int]:
    """Ask for so many first tokens at the same moment, then for more, 32 at a time; the simulated services count."""
    worker = Worker(app)
    await worker.load()
    await asyncio.gather(*(_token(worker) for _ in range(first)))
    await _closed_loop(worker, 32, calls=then)
    return {"answers": first + then}


async def _closed_loop(
    worker: Worker, callers: int, *, seconds: float | None = None, calls: int = sys.maxsize
) -> list[float]:
    """Have each caller ask again once it is answered, until the time is over or the calls are made."""
    latencies: list[float] = []
    turns = iter(range(calls))
    end = float("inf") if seconds is None else perf_counter() + seconds

    async def caller() -> None:
        for _ in turns:
            began = perf_counter()
            await _token(worker)
            answered = perf_counter()
            latencies.append(answered - began)
            if answered >= end:
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
    """What the worker does with every log line: format it, wrap it into a message, queue that for the host."""

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
    logging.basicConfig(level=logging.INFO, handlers=[_ToHost()])
    measure = {"start": start, "rate": rate, "held": held, "calls": calls}[sys.argv[1]]
    print(json.dumps(asyncio.run(measure(**json.loads(sys.argv[2])))))  # type: ignore[operator]  # they differ in arguments
