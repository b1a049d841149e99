"""The three simulated services together, on one event loop in a thread of its own."""

import asyncio
import os
import ssl
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.services import jwts
from local.services.account import DEFAULT_DOMAIN, DEFAULT_ID, Account
from local.services.certificates import CertificateAuthority
from local.services.identity import Identity
from local.services.key_vault import KeyVault
from local.services.service import SimulatedService
from local.services.sts import Sts

NO_PROXY = "127.0.0.1,localhost"


class SimulatedServices:
    """A context manager. The services also respond while the caller's own loop is blocked."""

    def __init__(
        self, *, account_id: str = DEFAULT_ID, account_domain: str = DEFAULT_DOMAIN, public_cas: bool = False
    ) -> None:
        authority = CertificateAuthority()
        self.account = Account(account_id, account_domain)
        self.identity = Identity()
        self.key_vault = KeyVault(authority.server_context(), self.identity)
        self.sts = Sts(authority.server_context(), self.account, self.identity, self.key_vault)
        self._authority = authority
        self._public_cas = public_cas
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._ca_bundle = Path()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run_loop, name="simulated services", daemon=True)

    def by_name(self) -> dict[str, SimulatedService]:
        return {"identity": self.identity, "key-vault": self.key_vault, "sts": self.sts}

    def start(self) -> None:
        # Deleted by stop(), or by the interpreter's exit.
        self._directory = tempfile.TemporaryDirectory(prefix="getarrtoken-")
        self._ca_bundle = self._authority.write_bundle(Path(self._directory.name), with_public_cas=self._public_cas)
        self._loop.set_exception_handler(_on_loop_error)
        jwts.public_key()  # made here, so that no call's time contains it
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        self.reset()

    def stop(self) -> None:
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        if self._directory is not None:
            self._directory.cleanup()

    def reset(self) -> None:
        """Restore the state after the start: no faults, no calls, both keys accepted and in Key Vault."""
        self.identity.reset()
        self.key_vault.reset()
        self.sts.reset()

    def environment(self) -> dict[str, str]:
        """Return the settings that lead the function to the simulated services instead of Azure."""
        return {
            "IDENTITY_ENDPOINT": self.identity.url,
            "IDENTITY_HEADER": self.identity.header,
            "KEY_VAULT_URL": self.key_vault.url,
            "ARR_STS_URL": self.sts.url,
            "ARR_ACCOUNT_ID": self.account.id,
            "ARR_ACCOUNT_DOMAIN": self.account.domain,
            "REQUESTS_CA_BUNDLE": str(self._ca_bundle),
            "NO_PROXY": NO_PROXY,
            # Names of variables are case-insensitive on Windows.
            **({} if os.name == "nt" else {"no_proxy": NO_PROXY}),
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    async def _start(self) -> None:
        for service in self.by_name().values():
            await service.start(self._loop)

    async def _stop(self) -> None:
        for service in self.by_name().values():
            await service.stop()
        # Closed connections end their handlers in the next turns of the loop.
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def _on_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Ignore clients that disconnect or reject a certificate, since faults cause that."""
    if not isinstance(context.get("exception"), (ssl.SSLError, ConnectionError)):
        loop.default_exception_handler(context)
