"""The use case: credential → account key → STS → token. Loaded by the first exchange's thread, as the SDKs are slow."""

from shared.clock import Clock
from shared.errors import AccountKeyRejected, AccountKeyUnavailable, OperatorError
from shared.secret import Secret
from shared.settings import Settings
from shared.tokens.exchange import Exchange
from shared.tokens.issued_token import IssuedToken
from shared.upstreams.connections import Connections
from shared.upstreams.credentials import AzureCli, Credential, ManagedIdentity, identity_token
from shared.upstreams.key_vault import KeyVault
from shared.upstreams.sts import SCOPE, Sts


class TokenSource:
    """Gets a token. ``issue`` runs in the thread of its exchange; a given-up one may still be ending beside it."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._credential: Credential | None = None

    def issue(self, exchange: Exchange) -> IssuedToken:
        """Return a new token; raises `ArrTokenError`.

        The credential is taken out while it is in use, and only a success puts it back: after a 401 the SDK would
        go on with the identity token that was refused, for up to a day.
        """
        connections = Connections(exchange, self._clock)
        credential, self._credential = self._credential or self._new_credential(), None
        try:
            credential.connect(connections)
            token = self._exchange(credential, connections)
        finally:
            connections.close()
        self._credential = credential
        return token

    def _new_credential(self) -> Credential:
        if self._settings.has_identity_endpoint:
            return ManagedIdentity(self._settings.client_id)
        return AzureCli()

    def _exchange(self, credential: Credential, connections: Connections) -> IssuedToken:
        settings = self._settings
        sts = Sts(settings.sts_url, settings.account_id, connections, keyless=settings.keyless)
        if settings.keyless:
            return sts.issue(identity_token(credential, SCOPE))
        vault = KeyVault(settings.key_vault_url, credential, connections)
        failures: list[OperatorError] = []
        for name in settings.key_secrets:
            try:
                return sts.issue(_pair(settings.account_id, vault.account_key(name)))
            except (AccountKeyRejected, AccountKeyUnavailable) as failure:
                failures.append(failure.again(failure.retry_after_s))  # its traceback would keep the key
        raise next((one for one in reversed(failures) if isinstance(one, AccountKeyRejected)), failures[-1])


def _pair(account_id: str, key: Secret) -> Secret:
    return Secret(f"{account_id}:{key.reveal()}")
