"""Contract section 7: the only recipients of each secret."""

from pathlib import Path

import pytest
import requests
from azure.core.exceptions import HttpResponseError
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.integration.app import Load


def test_the_sdk_follows_a_redirect_of_key_vault(services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's client alone calls any Location; the next test shows that the function does not."""
    for name, value in services.environment().items():
        monkeypatch.setenv(name, value)
    target = f"{services.sts.url}/secrets/arr-account-key/"
    services.key_vault.faults.set(Fault(status=302, headers={"Location": target}))
    client = SecretClient(services.key_vault.url, ManagedIdentityCredential(), retry_total=0)
    with pytest.raises(HttpResponseError):
        client.get_secret("arr-account-key")
    assert services.sts.faults.calls


@pytest.mark.parametrize("name", ["identity", "key-vault", "sts"])
@pytest.mark.parametrize("location", ["target", "http://[", "//x@y:z/", ""])
async def test_no_redirect_is_followed(load: Load, services: SimulatedServices, name: str, location: str) -> None:
    """A redirect of any service is a failure, and its address is not called."""
    target = services.sts if name != "sts" else services.key_vault
    headers = {"Location": f"{target.url}/stolen" if location == "target" else location}
    services.by_name()[name].faults.set(Fault(status=302, headers=headers))
    assert (await (await load()).get()).status != 200
    assert not any("stolen" in call.path for call in target.faults.calls)


async def test_nothing_on_the_machine_replaces_the_authorization(
    load: Load, services: SimulatedServices, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A ~/.netrc is not used, and a proxy gets no call for the identity endpoint."""
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login thief password thief\ndefault login thief password thief\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    assert requests.utils.get_netrc_auth("https://127.0.0.1") == ("thief", "thief")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert (await (await load(NO_PROXY="", no_proxy="")).get()).status == 200
    assert services.sts.faults.calls[0].headers["Authorization"].startswith(f"Bearer {services.account.id}:")
    assert not any("Authorization" in call.headers for call in services.identity.faults.calls)
