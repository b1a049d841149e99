"""The use case: credential, account key, STS, token.

The modules that import the Azure SDKs, which takes about 90 ms, are imported by the first exchange while it opens its
connections.
"""

import contextlib
import importlib
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from shared.clock import Clock
from shared.errors import AccountKeyRejected, AccountKeyUnavailable, ArrTokenError, IdentityNotAssigned, OperatorError
from shared.imports import without_garbage_collection
from shared.secret import Secret
from shared.settings import Settings
from shared.tokens.exchange import Exchange
from shared.tokens.issued_token import IssuedToken
from shared.upstreams.connections import BACK_OFF_S, Connections
from shared.upstreams.identity_tokens import IdentityTokens
from shared.upstreams.sts import SCOPE, Sts

if TYPE_CHECKING:
    from shared.upstreams.credentials import Credential
    from shared.upstreams.key_vault import KeyVault

#: Key Vault's suffixes, and the scopes of their tokens.
#: Source: https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates
_KNOWN_SCOPES: Final = {
    suffix: f"https://{suffix.removeprefix('.')}/.default"
    for suffix in (".vault.azure.net", ".vault.azure.cn", ".vault.usgovcloudapi.net")
}
_RESPONSE_KINDS: Final = frozenset({"status", "-"})  # kinds that the status says better


class TokenSource:
    """Gets a token. Thread-safe: an aborted exchange may still be ending beside the next one."""

    def __init__(self, settings: Settings, clock: Clock, back_off_s: tuple[float, float] = BACK_OFF_S) -> None:
        self._settings = settings
        self._clock = clock
        self._back_off_s = back_off_s
        self._identity_tokens = IdentityTokens()
        self._sdks_imported = False

    def issue(self, exchange: Exchange) -> IssuedToken:
        """Return a new token; raises `ArrTokenError`. To be called on the exchange's own thread."""
        connections = Connections(exchange, self._clock, self._back_off_s)
        try:
            if not self._sdks_imported:
                self._sdks_imported = True
                self._open_while_importing(connections)
            return self._issue(exchange, connections)
        except ArrTokenError as failure:
            self._forget_refused_identity(failure)
            raise
        finally:
            connections.close()

    def _issue(self, exchange: Exchange, connections: Connections) -> IssuedToken:
        settings, progress = self._settings, exchange.progress
        credential = self._credential(connections)
        sts = Sts(settings.sts_url, settings.account_id, connections, keyless=settings.keyless)
        if settings.keyless:
            return sts.issue(Secret(credential.get_token_info(SCOPE).token))
        vault = self._vault(credential, connections)
        failures: list[OperatorError] = []
        for place, name in enumerate(settings.key_secrets, start=1):
            progress.key = f"{place}/{len(settings.key_secrets)}"
            try:
                return sts.issue(_key_credential(settings.account_id, vault.account_key(name)))
            except (AccountKeyRejected, AccountKeyUnavailable) as failure:
                self._forget_refused_identity(failure)
                progress.skipped.append(f"{failure.upstream}:{_reason(failure)}")
                failures.append(failure.without_traceback())
        progress.key = "-"
        raise next((one for one in reversed(failures) if isinstance(one, AccountKeyRejected)), failures[-1])

    def _open_while_importing(self, connections: Connections) -> None:
        """Import the SDKs on a thread beside this one, which opens the connections to Key Vault and the STS."""
        keyless = self._settings.keyless
        modules = ("credentials",) if keyless else ("credentials", "key_vault")
        with contextlib.suppress(RuntimeError, MemoryError):  # without a thread, this one imports them later
            threading.Thread(target=_import_all, args=(modules,), name="arr-token-imports", daemon=True).start()
        urls = (self._settings.sts_url,) if keyless else (self._settings.key_vault_url, self._settings.sts_url)
        connections.open_early(urls)

    def _credential(self, connections: Connections) -> "Credential":
        from shared.upstreams.credentials import AzureCli, ManagedIdentity  # noqa: PLC0415  # see the module's docstring

        if not self._settings.has_identity_endpoint:
            return AzureCli(connections)
        if not self._settings.has_identity_header:
            raise IdentityNotAssigned(upstream="identity", kind="configuration")
        return ManagedIdentity(self._settings.client_id, connections, self._identity_tokens)

    def _vault(self, credential: "Credential", connections: Connections) -> "KeyVault":
        url = self._settings.key_vault_url
        scope = _known_scope(url)
        # Before the import: at the start of a worker, the endpoint responds while the other thread still imports.
        known_token = None if scope is None else Secret(credential.get_token_info(scope).token)
        from shared.upstreams.key_vault import KeyVault  # noqa: PLC0415  # see the module's docstring

        return KeyVault(url, credential, connections, known_token)

    def _forget_refused_identity(self, failure: ArrTokenError) -> None:
        """After a 401 get a new identity token next time: they are kept for up to a day."""
        is_identitys = self._settings.keyless or not isinstance(failure, AccountKeyRejected)
        if failure.upstream_status == HTTPStatus.UNAUTHORIZED and is_identitys:
            self._identity_tokens.clear()


def _import_all(modules: tuple[str, ...]) -> None:
    """Import modules of this package; the exchange imports them, too, and is the one to report a failure."""
    with contextlib.suppress(Exception), without_garbage_collection():
        for module in modules:
            importlib.import_module(f"shared.upstreams.{module}")


def _known_scope(vault_url: str) -> str | None:
    host = urlsplit(vault_url).hostname or ""
    return next((scope for suffix, scope in _KNOWN_SCOPES.items() if host.endswith(suffix)), None)


def _reason(failure: OperatorError) -> str:
    return str(failure.upstream_status) if failure.kind in _RESPONSE_KINDS else failure.kind


def _key_credential(account_id: str, key: Secret) -> Secret:
    return Secret(f"{account_id}:{key.reveal()}")
