import contextlib
import gc
import re
import socket
import sys
import threading
import time
from pathlib import Path

import jwt
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ManagedIdentityCredential

from local.services import jwts
from local.services.identity import CLIENT_ID
from local.services.simulated_services import SimulatedServices
from tests.local.clients import ask_sts, read_secret

pytestmark = pytest.mark.usefixtures("sdk_environment")


def test_unpatched_sdks_get_a_token(services: SimulatedServices) -> None:
    """The real SDKs and requests get the identity's token, the account key and the STS's token."""
    response = ask_sts(services, f"{services.account.id}:{read_secret(services)}")
    token = response.json()["AccessToken"]
    claims = jwt.decode(token, jwts.public_key(), ["RS256"], options={"verify_aud": False})
    assert claims["nbf"] == claims["iat"] == claims["exp"] - 86_400
    assert list(claims) == ["jti", "cai", "tid", "aid", "aao", "apr", "rid", "att", "nbf", "exp", "iat", "iss", "aud"]
    assert jwt.get_unverified_header(token).keys() == {"alg", "typ", "kid", "x5t"}
    assert 1_100 <= len(token) <= 1_200
    assert re.fullmatch(r"[A-Za-z0-9+/]{22}\.0", response.headers["MS-CV"])
    assert response.headers["Cache-Control"] == "no-store, no-cache"
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"


def test_key_vault_challenges_first(services: SimulatedServices) -> None:
    """Key Vault first responds 401, and the SDK requests a token for the challenge's resource."""
    read_secret(services)
    assert [call.status for call in services.key_vault.faults.calls] == [401, 200]
    assert services.identity.faults.calls[0].query["resource"] == services.key_vault.resource


def test_key_vaults_resource_is_its_parent_domain(services: SimulatedServices) -> None:
    """The SDKs accept the challenge, because it names the parent domain of the called host."""
    host = f"vault.localhost:{services.key_vault.port}"
    response = requests.get(f"{services.key_vault.url}/secrets/x", headers={"Host": host}, timeout=5)
    assert f'resource="https://localhost:{services.key_vault.port}"' in response.headers["WWW-Authenticate"]


def test_key_vault_errors_have_the_services_form(services: SimulatedServices) -> None:
    """A missing secret is SecretNotFound; a disabled one is Forbidden, or a 200 that says disabled."""
    with pytest.raises(ResourceNotFoundError, match="SecretNotFound"):
        read_secret(services, "other")
    services.key_vault.secrets["arr-account-key"].enabled = False
    with pytest.raises(HttpResponseError, match="disabled") as caught:
        read_secret(services)
    assert caught.value.status_code == 403
    services.key_vault.shows_disabled = True
    assert read_secret(services)


def test_identity_is_strict(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong X-IDENTITY-HEADER, a wrong api-version or a missing resource is refused like in App Service."""
    header = {"X-IDENTITY-HEADER": services.identity.header}
    for headers, query in (
        ({}, "api-version=2019-08-01&resource=x"),
        (header, "resource=x"),
        (header, "api-version=2019-08-01"),
    ):
        response = requests.get(f"{services.identity.url}?{query}", headers=headers, timeout=5)
        assert response.status_code in {400, 401}
        assert {"statusCode", "message"} <= set(response.json())
    monkeypatch.setenv("IDENTITY_HEADER", "wrong")
    with pytest.raises(ClientAuthenticationError):
        read_secret(services)


def test_identity_tells_the_expiry_as_a_string(services: SimulatedServices) -> None:
    """A client gets expires_on as a string of digits."""
    url = f"{services.identity.url}?api-version=2019-08-01&resource=x"
    token = requests.get(url, headers={"X-IDENTITY-HEADER": services.identity.header}, timeout=5).json()
    assert int(token["expires_on"]) > time.time()
    assert isinstance(token["expires_on"], str)


def test_an_identity_that_is_not_assigned_is_refused(services: SimulatedServices) -> None:
    """An AZURE_CLIENT_ID that is not assigned gets a 400, as in App Service."""
    with ManagedIdentityCredential(client_id=CLIENT_ID.upper()) as credential:
        assert credential.get_token("x/.default").token
    with ManagedIdentityCredential(client_id=services.account.id) as other, pytest.raises(ClientAuthenticationError):
        other.get_token("x/.default")
    assert [call.status for call in services.identity.faults.calls] == [200, 400]


def test_refused_and_untrusted_connections_recover(services: SimulatedServices) -> None:
    """After a refused connection or an untrusted certificate, reset restores the service on the same port."""
    services.sts.refuse()
    with pytest.raises(requests.ConnectionError, match=r"refused|10061"):
        ask_sts(services, "x:y")
    services.sts.accept()
    assert ask_sts(services, "x:y").status_code == 401
    services.sts.present_untrusted_certificate()
    with pytest.raises(requests.exceptions.SSLError):
        ask_sts(services, "x:y")
    services.reset()
    assert ask_sts(services, "x:y").status_code == 401


def test_a_closing_port_leaves_no_connection_open(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is accepted while the port closes is closed, too."""
    left: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: left.append(str(unraisable.exc_value)))
    ended = threading.Event()

    def knock() -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", services.sts.port), 1):
                pass

    clients = [threading.Thread(target=knock) for _ in range(2)]
    for client in clients:
        client.start()
    for _ in range(50):
        services.sts.refuse()
        services.sts.accept()
    ended.set()
    for client in clients:
        client.join()
    gc.collect()
    assert [warning for warning in left if f", {services.sts.port})" in warning] == []


def test_nothing_is_left_behind() -> None:
    """After stop(), no thread, no open port and no CA file is left."""
    with SimulatedServices() as services:
        bundle = Path(services.environment()["REQUESTS_CA_BUNDLE"])
        assert bundle.exists()
        url = services.identity.url
    assert not bundle.exists()
    assert not [thread for thread in threading.enumerate() if thread is services._thread]
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
