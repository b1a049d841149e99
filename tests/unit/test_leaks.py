"""Nothing is kept of a request, an exchange or a response."""

import gc
import importlib
import logging
import sys
from collections import deque
from types import ModuleType, SimpleNamespace

import azure.functions as func
import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests import function_threads
from tests.environment import replace_ours
from tests.leaks import grown, object_counts

_ROUNDS = 16
_TWO_DAYS_S = 172_800.0
_FAULTS = (None, Fault(status=400), None, Fault(body="{}"))  # every second exchange fails
_PATIENCE_S = 10
_CONTAINERS = (list, dict, set, deque)


class _ShiftedTime:
    """Replaces the module ``time`` in the function's clock."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self.shift_s = 0.0

    def monotonic(self) -> float:
        return float(self._module.monotonic()) + self.shift_s

    def time(self) -> float:
        return float(self._module.time()) + self.shift_s


async def test_nothing_is_kept(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of objects stays the same, however many requests and exchanges there were."""
    replace_ours(monkeypatch, services.environment())
    monkeypatch.setattr(logging.getLogger("arr_token"), "propagate", False)  # pytest keeps each log record
    clock = _ShiftedTime(sys.modules["time"])
    monkeypatch.setattr("shared.clock.time", clock)
    monkeypatch.delitem(sys.modules, "GetArrToken", raising=False)
    main = importlib.import_module("GetArrToken").main

    async def serve(rounds: int) -> None:
        for number in range(rounds):
            if (fault := _FAULTS[number % len(_FAULTS)]) is not None:
                services.sts.faults.set(fault)
            clock.shift_s += _TWO_DAYS_S  # the token has expired, and a cool-down is over: an exchange is due
            context = SimpleNamespace(invocation_id="request-id")
            for min_validity in ("0", "60", "soon"):
                await main(_request(min_validity), context)
            services.sts.issued.clear()
            for service in services.by_name().values():
                service.faults.reset()  # forgets the calls
        assert function_threads.end(within_s=_PATIENCE_S)

    await serve(2 * len(_FAULTS))
    objects, containers = object_counts(), _Containers()
    await serve(_ROUNDS)
    assert not grown(objects, object_counts(), by=_ROUNDS // 2)
    assert not containers.grown(_ROUNDS // 2)


def _request(min_validity: str) -> func.HttpRequest:
    return func.HttpRequest("GET", "https://app/api/GetArrToken", params={"minValidity": min_validity}, body=b"")


class _Containers:
    """The containers that exist now, and the number of items in each."""

    def __init__(self) -> None:
        gc.collect()
        self._all = [(thing, len(thing)) for thing in gc.get_objects() if isinstance(thing, _CONTAINERS)]

    def grown(self, by: int) -> list[str]:
        """Return the containers that now have at least this many more items, each with one item."""
        grown = [(thing, type(next(iter(thing)))) for thing, size in self._all if len(thing) - size >= by]
        return [
            f"{type(thing).__name__} with {content.__qualname__}"
            for thing, content in grown
            if content.__module__.partition(".")[0] != "coverage"  # it keeps a tracer for each thread
        ]
