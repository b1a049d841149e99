"""Contract section 8 for an operator: a wrong setting never keeps the function from loading."""

import re
import sys
from pathlib import Path

import pytest

from local.services.simulated_services import SimulatedServices
from tests.integration.app import App, Load
from tests.unit.upstreams.server import Server, http_response

SECRET_LOOKING = "https://user:hunter2@vault.example/path"


async def test_every_violation_is_named_at_once(load: Load, services: SimulatedServices) -> None:
    """Response and log name each wrong setting, never a value, and no upstream is called."""
    app = await load(
        KEY_VAULT_URL=SECRET_LOOKING,
        ARR_ACCOUNT_ID="hunter2",
        ARR_ACCOUNT_DOMAIN="hunter2.example",
        ARR_MAX_WAIT_SECONDS="hunter2",
        ARR_CREDENTIAL="hunter2",
    )
    response = await app.get({"minValidity": "x"})
    assert (response.status, response.code) == (500, "misconfigured")
    for text in (response.json["detail"], app.lines[-2]):
        for name in ("KEY_VAULT_URL", "ARR_ACCOUNT_ID", "ARR_ACCOUNT_DOMAIN", "ARR_MAX_WAIT_SECONDS", "ARR_CREDENTIAL"):
            assert name in text
    assert "outcome=misconfigured" in app.lines[-1]
    assert "hunter2" not in response.json["detail"] + "".join(app.lines)
    assert not services.identity.faults.calls


async def test_required_settings_are_named(load: Load, services: SimulatedServices) -> None:
    """An operator of a function app without settings learns the required ones."""
    app = await load(**dict.fromkeys(services.environment()))
    detail = (await app.get()).json["detail"]
    assert "KEY_VAULT_URL" in detail
    assert "ARR_ACCOUNT_ID" in detail


async def test_no_identity_and_no_sign_in(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without IDENTITY_ENDPOINT and without an Azure CLI, the response names both remedies."""
    monkeypatch.setenv("PATH", "")
    response = await (await load(IDENTITY_ENDPOINT=None, IDENTITY_HEADER=None)).get()
    assert (response.status, response.code) == (500, "identity-not-assigned")
    assert "managed identity" in response.json["detail"]
    assert "az login" in response.json["detail"]


@pytest.mark.parametrize("settings", [{"IDENTITY_HEADER": None}, {"IDENTITY_ENDPOINT": "nonsense"}])
async def test_half_an_identity_endpoint(load: Load, settings: dict[str, str | None]) -> None:
    """An incomplete pair of platform variables is reported as a missing identity."""
    assert (await (await load(**settings)).get()).code == "identity-not-assigned"


async def _check_named(app: App, *names: str) -> None:
    """Check that response and log name these variables, and contain none of their values."""
    response = await app.get()
    assert (response.status, response.code) == (500, "misconfigured")
    assert "retry-after" not in response.headers
    assert "exchange outcome=misconfigured" in app.lines[-3]
    for text in (response.json["detail"], app.lines[-2]):
        assert all(name in text for name in names)
    assert "hunter2" not in response.json["detail"] + "".join(app.lines)


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("content", [None, "hunter2"], ids=["no file", "no certificate"])
async def test_a_ca_file_that_cannot_be_used_is_named(
    load: Load, services: SimulatedServices, tmp_path: Path, name: str, content: str | None
) -> None:
    """A wrong CA setting is reported as such, and never as an outage of Key Vault."""
    path = tmp_path / "hunter2.pem"
    if content is not None:
        path.write_text(content)
    app = await load(**{"REQUESTS_CA_BUNDLE": None, name: str(path)})
    await _check_named(app, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    assert not services.key_vault.faults.calls


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
async def test_a_proxy_variable_that_is_no_address_is_named(load: Load, name: str) -> None:
    """A typing error in a proxy variable is reported as such, and never as an outage."""
    await _check_named(await load(**{name: "hunter2://hunter2:hunter2@proxy", "NO_PROXY": "", "no_proxy": ""}), name)


async def test_a_proxy_that_demands_a_sign_in_is_named(load: Load) -> None:
    """An operator learns from a proxy's 407 which variable to correct."""
    with Server(http_response(407, b"hunter2")) as proxy:
        settings = {"HTTPS_PROXY": f"http://hunter2:hunter2@{proxy.address}", "NO_PROXY": "", "no_proxy": ""}
        await _check_named(await load(**settings), "HTTPS_PROXY")


async def test_a_missing_package_is_named(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment without its packages loads; the log has the module and the place of the import."""
    monkeypatch.setitem(sys.modules, "azure.keyvault.secrets", None)
    app = await load()
    response = await app.get()
    assert (response.status, response.code) == (500, "internal-error")
    assert "azure" not in str(response.json)
    place = r" at=key_vault\.py:[0-9]+ module=azure\.keyvault\.secrets"
    assert re.match(f"exchange outcome=internal-error .*{place}$", app.lines[-3])
    assert re.match(f"token-request outcome=internal-error .*{place}$", app.lines[-1])
