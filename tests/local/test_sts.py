import time
from typing import Any

import pytest
import requests
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ManagedIdentityCredential
from azure.mixedreality.authentication import MixedRealityStsClient

from local.services import jwts
from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.local.clients import ask_sts, read_secret

pytestmark = pytest.mark.usefixtures("sdk_environment")


@pytest.mark.parametrize(
    "endpoint",
    ["{own}", "https://sts.{domain}", "https://sts.mixedreality.azure.com", "https://sts.mixedreality.azure.com/"],
)
def test_sts_accepts_an_entra_token_of_each_audience(services: SimulatedServices, endpoint: str) -> None:
    """Without a key, the STS accepts the identity's token for each of its audiences and no other."""
    endpoint = endpoint.format(own=services.sts.url, domain=services.account.domain)
    with ManagedIdentityCredential() as credential:
        good = credential.get_token(f"{endpoint}/.default").token
        other = credential.get_token("https://vault.azure.net/.default").token
    assert ask_sts(services, good).status_code == 200
    assert ask_sts(services, other).status_code == 401
    services.identity.revoke_tokens()
    assert ask_sts(services, good).status_code == 401


def test_a_correlation_vector_is_optional(services: SimulatedServices) -> None:
    """A client that sends no X-MRC-CV, like Microsoft's PowerShell script, gets a token."""
    url = f"{services.sts.url}/accounts/{services.account.id}/token"
    key = services.account.keys["primary"]
    response = requests.get(url, headers={"Authorization": f"Bearer {services.account.id}:{key}"}, timeout=5)
    assert response.json()["AccessToken"]


@pytest.mark.parametrize("fault", [None, Fault(status=401)])
def test_sts_refuses_as_recorded(services: SimulatedServices, fault: Fault | None) -> None:
    """A refusal, also by a fault, has exactly the headers that Microsoft's SDKs recorded."""
    if fault is not None:
        services.sts.faults.set(fault)
    key = services.account.keys["primary"] if fault else "wrong"
    response = ask_sts(services, f"{services.account.id}:{key}")
    assert (response.status_code, response.content) == (401, b"")
    assert response.headers["MS-CV"].endswith(".0")
    recorded = {"content-length", "date", "ms-cv", "x-content-type-options"}
    assert {name.lower() for name in response.headers} - {"server"} == recorded


def test_microsofts_own_client_gets_a_token(services: SimulatedServices) -> None:
    """MixedRealityStsClient gets a token with key or managed identity, and reports a refusal."""

    def token(credential: Any) -> str:
        account = (services.account.id, services.account.domain)
        with MixedRealityStsClient(*account, credential, custom_endpoint_url=services.sts.url) as client:
            return str(client.get_token().token)

    assert token(AzureKeyCredential(services.account.keys["secondary"])) == services.sts.issued[-1]
    with ManagedIdentityCredential() as credential:
        assert token(credential) == services.sts.issued[-1]
    with pytest.raises(ClientAuthenticationError):
        token(AzureKeyCredential("wrong"))
    assert [call.status for call in services.sts.faults.calls] == [200, 200, 401]


def test_keys_rotate_and_are_revoked(services: SimulatedServices) -> None:
    """A rotated key works at once and the old one does not; a revoked one stays in Key Vault."""
    old = read_secret(services)
    services.sts.rotate("primary")
    new = read_secret(services)
    assert [ask_sts(services, f"{services.account.id}:{key}").status_code for key in (old, new)] == [401, 200]
    services.sts.revoke("primary")
    assert read_secret(services) == new
    second = read_secret(services, "arr-account-key-secondary")
    assert [ask_sts(services, f"{services.account.id}:{key}").status_code for key in (new, second)] == [401, 200]
    services.sts.restore("primary")
    assert ask_sts(services, f"{services.account.id}:{new}").status_code == 200


def test_sts_has_a_clock_of_its_own(services: SimulatedServices) -> None:
    """The STS's clock moves Date, iat and exp; lifetime, claims, MS-CV and the form of exp can be set."""
    options = services.sts.options
    options.clock_offset, options.lifetime, options.exp_as_string = -7_200, 600, True
    options.claims, options.fixed_ms_cv = {"aud": None}, "abc"
    response = ask_sts(services, f"{services.account.id}:{services.account.keys['primary']}")
    claims = jwts.unverified_claims(response.json()["AccessToken"])
    assert abs(time.time() - 7_200 - claims["iat"]) < 60
    assert claims["exp"] == str(claims["iat"] + 600)
    assert "aud" not in claims
    assert response.headers["MS-CV"] == "abc"
    options.sends_ms_cv = False
    assert "MS-CV" not in ask_sts(services, "x:y").headers
