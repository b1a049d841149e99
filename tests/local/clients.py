"""The real SDKs and requests, as clients of the simulated services."""

import requests
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient

from local.services.simulated_services import SimulatedServices

BASE = "gKXl1CkeG0mRb6HEtMUmHQ"


def read_secret(services: SimulatedServices, name: str = "arr-account-key") -> str | None:
    """Read as the function does; the simulated services' settings must be in the environment."""
    with (
        ManagedIdentityCredential() as credential,
        SecretClient(services.key_vault.url, credential, retry_total=0) as client,
    ):
        return client.get_secret(name).value


def ask_sts(services: SimulatedServices, credentials: str, **headers: str) -> requests.Response:
    """Call the STS with its path in upper case, which it accepts."""
    url = f"{services.sts.url}/ACCOUNTS/{services.account.id.upper()}/token"
    return requests.get(url, headers={"Authorization": f"Bearer {credentials}", "X-MRC-CV": BASE} | headers, timeout=5)
