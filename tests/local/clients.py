"""The real SDKs and requests, against the stand-ins."""

import requests
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient

from local.stand_ins import StandIns

BASE = "gKXl1CkeG0mRb6HEtMUmHQ"


def read_secret(stand_ins: StandIns, name: str = "arr-account-key") -> str | None:
    """Read as the function does; the stand-ins' settings must be in the environment."""
    with (
        ManagedIdentityCredential() as credential,
        SecretClient(stand_ins.key_vault.url, credential, retry_total=0) as client,
    ):
        return client.get_secret(name).value


def ask_sts(stand_ins: StandIns, credentials: str, **headers: str) -> requests.Response:
    """Ask in another case than usual."""
    url = f"{stand_ins.sts.url}/ACCOUNTS/{stand_ins.account.id.upper()}/token"
    return requests.get(url, headers={"Authorization": f"Bearer {credentials}", "X-MRC-CV": BASE} | headers, timeout=5)
