"""The simulated services in a process of their own, told what to do by lines of JSON on a pipe."""

import asyncio
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self, override

from aiohttp import web

from bench.apps import ROOT
from local.services.simulated_services import SimulatedServices
from local.services.sts import Sts


class StandInProcess:
    """A context manager. The process ends when its pipe does, so it never outlives this one."""

    def __init__(self) -> None:
        self.environment: dict[str, str] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        # A session of its own: Ctrl-C is this process's to answer.
        self._process = self._stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "bench.services"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        )
        self.environment = self._read()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()  # closes the pipe, then waits

    def reset(self, *, sts_latency_s: float = 0.0) -> None:
        """Forget all calls; from now on the STS takes that long to answer."""
        self._ask(sts_latency_s=sts_latency_s)

    def calls(self) -> dict[str, int]:
        """Count the calls of each service since the last reset."""
        return dict(self._ask())

    def _ask(self, **command: float) -> Any:
        if self._process.stdin is None:
            raise RuntimeError("not started")
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError("the simulated services ended")
        return json.loads(line)


class _SlowSts(Sts):
    """Takes its time, and keeps the connection."""

    latency_s = 0.0
    _signed: tuple[int, str] = (0, "")

    @override
    def _token(self) -> str:
        """Sign once a second, so that signing does not limit the fastest client."""
        second = int(time.time())
        if self._signed[0] != second:
            self._signed = second, super()._token()
        return self._signed[1]

    @override
    async def answer(self, request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(self.latency_s)
        return await super().answer(request)


class _StandIns(SimulatedServices):
    def __init__(self) -> None:
        # With the public CAs: in production every new connection pays for reading them.
        super().__init__(public_cas=True)
        context = self._authority.server_context()
        self.sts: _SlowSts = _SlowSts(context, self.account, self.identity, self.key_vault)

    @override
    def environment(self) -> dict[str, str]:
        settings = super().environment()
        return settings | {"SSL_CERT_FILE": settings["REQUESTS_CA_BUNDLE"]}  # where aiohttp looks


def _serve() -> None:
    with _StandIns() as services:
        _say(services.environment())
        for line in sys.stdin:
            command = json.loads(line)
            if "sts_latency_s" in command:
                services.reset()
                services.sts.latency_s = command["sts_latency_s"]
            _say({name: service.faults.count for name, service in services.by_name().items()})


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _serve()
