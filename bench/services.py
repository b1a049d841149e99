"""The simulated services in a process of their own, so that they use no time of the measured interpreter.

They are controlled by lines of JSON on a pipe. There is no network between the processes, so the services simulate it:
each waits before the TLS handshake and before each response.
"""

import asyncio
import json
import socket
import ssl
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from http import HTTPStatus
from types import TracebackType
from typing import Any, NamedTuple, Self, cast, override

from aiohttp import web

from bench.apps import ROOT
from local.services.certificates import CertificateAuthority
from local.services.identity import Identity
from local.services.key_vault import KeyVault
from local.services.service import SimulatedService
from local.services.simulated_services import SimulatedServices
from local.services.sts import Sts

#: A name as in Azure, from which a client may know the vault's token scope. `bench.probe` resolves it.
_VAULT_HOST = "arr-bench.vault.azure.net"
_SPANS_KEPT = 100


class Distance(NamedTuple):
    """The round trip to a service, and its work on each request."""

    round_trip_s: float = 0.0
    work_s: float = 0.0


class ServicesProcess:
    """A context manager. The process ends when its pipe closes, so it never outlives this one."""

    def __init__(self) -> None:
        self.environment: dict[str, str] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        # In a session of its own, so that Ctrl-C reaches only the parent.
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

    def reset(self, distances: Mapping[str, Distance] | None = None) -> None:
        """Forget all calls, and set the distance of each service by name; the default is none."""
        self._ask(distances=distances or {})

    def calls(self) -> dict[str, int]:
        """Count the calls of each service since the last reset."""
        return {name: service["calls"] for name, service in self._ask().items()}

    def spans(self) -> dict[str, list[tuple[float, float, str]]]:
        """Return each service's connections and calls since the last reset: begin and end on the monotonic clock."""
        return {name: service["spans"] for name, service in self._ask().items()}

    def _ask(self, **command: Any) -> Any:
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


class _Distant(SimulatedService):
    """A simulated service that responds as late as one at its distance."""

    distance = Distance()
    _accepting: asyncio.Task[None] | None = None

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.spans: deque[tuple[float, float, str]] = deque(maxlen=_SPANS_KEPT)

    @override
    def reset(self) -> None:
        super().reset()
        self.spans.clear()

    @override
    async def _open_listener(self, context: ssl.SSLContext | None) -> None:
        if self._accepting is None:
            listener = socket.create_server(("127.0.0.1", self.port), backlog=512)
            listener.settimeout(0)
            self.port = listener.getsockname()[1]
            self._accepting = asyncio.create_task(self._accept(listener, context))

    async def _accept(self, listener: socket.socket, context: ssl.SSLContext | None) -> None:
        tasks = set()
        with listener:
            while True:
                client, _ = await asyncio.get_running_loop().sock_accept(listener)
                task = asyncio.create_task(self._connect(client, context))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

    async def _connect(self, client: socket.socket, context: ssl.SSLContext | None) -> None:
        """Wait for the round trips of the handshakes: one for TCP, one more for TLS 1.3.

        Loopback completes the TCP handshake at once, so its round trip is added to that of TLS. The wait begins with
        the client's first bytes: over a network, a client can't read its CAs during the TCP handshake either.
        """
        accepted, loop = time.perf_counter(), asyncio.get_running_loop()
        readable = asyncio.Event()
        loop.add_reader(client, readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(client)
        await asyncio.sleep((1 if context is None else 2) * self.distance.round_trip_s)
        with suppress(OSError):  # the client closed the connection, or does not trust the certificate
            await loop.connect_accepted_socket(cast("web.Server", self._handlers), client, ssl=context)
            self.spans.append((accepted, time.perf_counter(), "connection"))

    @override
    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        received = time.perf_counter()
        await asyncio.sleep(sum(self.distance))
        response = await super()._handle(request)
        kind = "call" if response.status == HTTPStatus.OK else "challenge"
        self.spans.append((received, time.perf_counter(), kind))
        return response


class _Identity(_Distant, Identity):
    """Identity endpoint as in the local stack."""


class _KeyVault(_Distant, KeyVault):
    @property
    @override
    def url(self) -> str:
        return f"https://{_VAULT_HOST}"

    @property
    @override
    def resource(self) -> str:
        return "https://vault.azure.net"


class _Sts(_Distant, Sts):
    _signed: tuple[int, str] = (0, "")

    @override
    def _token(self) -> str:
        """Sign once a second, so that signing does not limit the fastest client."""
        second = int(time.time())
        if self._signed[0] != second:
            self._signed = second, super()._token()
        return self._signed[1]


class _Authority(CertificateAuthority):
    """Issues certificates for the vault's name as well."""

    @override
    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert("127.0.0.1", _VAULT_HOST).configure_cert(context)
        return context


class _Services(SimulatedServices):
    def __init__(self) -> None:
        # With the public CAs: in production every process pays for reading them.
        super().__init__(public_cas=True)
        self._authority = _Authority()
        self.identity: _Identity = _Identity()
        self.key_vault: _KeyVault = _KeyVault(self._authority.server_context(), self.identity)
        self.sts: _Sts = _Sts(self._authority.server_context(), self.account, self.identity, self.key_vault)

    @override
    def environment(self) -> dict[str, str]:
        settings = super().environment()
        direct = f"{settings['NO_PROXY']},{_VAULT_HOST}"
        return settings | {
            "NO_PROXY": direct,
            "no_proxy": direct,
            "SSL_CERT_FILE": settings["REQUESTS_CA_BUNDLE"],  # aiohttp reads this one
            "BENCH_HOSTS": json.dumps({_VAULT_HOST: self.key_vault.port}),
        }

    def distant(self) -> dict[str, _Distant]:
        """Return the services by name, as `by_name` does."""
        return {"identity": self.identity, "key-vault": self.key_vault, "sts": self.sts}


def _serve() -> None:
    with _Services() as services:
        _send(services.environment())
        for line in sys.stdin:
            command = json.loads(line)
            if "distances" in command:
                services.reset()
                for name, service in services.distant().items():
                    service.distance = Distance(*command["distances"].get(name, ()))
            _send(
                {
                    name: {"calls": service.faults.count, "spans": list(service.spans)}
                    for name, service in services.distant().items()
                }
            )


def _send(reply: dict[str, Any]) -> None:
    print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    _serve()
