"""Contract section 8 for an operator: a wrong setting never keeps the function from loading."""

import re
import sys
from pathlib import Path

import pytest

from local.services.simulated_services import SimulatedServices
from tests.integration.app import App, Load
from tests.unit.upstreams.server import Server
from tests.unit.upstreams.server import answer as response

SECRET_LOOKING = "https://user:hunter2@vault.example/path"


async def test_every_violation_is_named_at_once(load: Load, services: SimulatedServices) -> None:
    """Answer and log name each wrong setting, never a value, and no upstream is called."""
    app = await load(
        KEY_VAULT_URL=SECRET_LOOKING,
        ARR_ACCOUNT_ID="hunter2",
        ARR_ACCOUNT_DOMAIN="hunter2.example",
        ARR_MAX_WAIT_SECONDS="hunter2",
        ARR_CREDENTIAL="hunter2",
    )
    answer = await app.get({"minValidity": "x"})
    assert (answer.status, answer.code) == (500, "misconfigured")
    for text in (answer.json["detail"], app.lines[-2]):
        for name in ("KEY_VAULT_URL", "ARR_ACCOUNT_ID", "ARR_ACCOUNT_DOMAIN", "ARR_MAX_WAIT_SECONDS", "ARR_CREDENTIAL"):
            assert name in text
    assert "outcome=misconfigured" in app.lines[-1]
    assert "hunter2" not in answer.json["detail"] + "".join(app.lines)
    assert not services.identity.faults.calls


async def test_required_settings_are_named(load: Load, services: SimulatedServices) -> None:
    """A function app without any settings says what it needs."""
    app = await load(**dict.fromkeys(services.environment()))
    detail = (await app.get()).json["detail"]
    assert "KEY_VAULT_URL" in detail
    assert "ARR_ACCOUNT_ID" in detail


async def test_no_identity_and_no_sign_in(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without IDENTITY_ENDPOINT and without an Azure CLI, the answer names both remedies."""
    monkeypatch.setenv("PATH", "")
    answer = await (await load(IDENTITY_ENDPOINT=None, IDENTITY_HEADER=None)).get()
    assert (answer.status, answer.code) == (500, "identity-not-assigned")
    assert "managed identity" in answer.json["detail"]
    assert "az login" in answer.json["detail"]


@pytest.mark.parametrize("settings", [{"IDENTITY_HEADER": None}, {"IDENTITY_ENDPOINT": "nonsense"}])
async def test_half_an_identity_endpoint(load: Load, settings: dict[str, str | None]) -> None:
    """Platform variables that make no endpoint are a missing identity."""
    assert (await (await load(**settings)).get()).code == "identity-not-assigned"


async def _check_named(app: App, *names: str) -> None:
    """Check that answer and log name these variables, and hold no value of theirs."""
    answer = await app.get()
    assert (answer.status, answer.code) == (500, "misconfigured")
    assert "retry-after" not in answer.headers
    assert "exchange outcome=misconfigured" in app.lines[-3]
    for text in (answer.json["detail"], app.lines[-2]):
        assert all(name in text for name in names)
    assert "hunter2" not in answer.json["detail"] + "".join(app.lines)


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("content", [None, "hunter2"], ids=["no file", "no certificate"])
async def test_a_ca_file_that_cannot_be_used_is_named(
    load: Load, services: SimulatedServices, tmp_path: Path, name: str, content: str | None
) -> None:
    """A fault of the host's settings never looks like an outage of Key Vault."""
    path = tmp_path / "hunter2.pem"
    if content is not None:
        path.write_text(content)
    app = await load(**{"REQUESTS_CA_BUNDLE": None, name: str(path)})
    await _check_named(app, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    assert not services.key_vault.faults.calls


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
async def test_a_proxy_variable_that_is_no_address_is_named(load: Load, name: str) -> None:
    """A typing error in it is no outage either."""
    await _check_named(await load(**{name: "hunter2://hunter2:hunter2@proxy", "NO_PROXY": "", "no_proxy": ""}), name)


async def test_a_proxy_that_demands_a_sign_in_is_named(load: Load) -> None:
    """407 is the operator's to solve."""
    with Server(response(407, b"hunter2")) as proxy:
        settings = {"HTTPS_PROXY": f"http://hunter2:hunter2@{proxy.address}", "NO_PROXY": "", "no_proxy": ""}
        await _check_named(await load(**settings), "HTTPS_PROXY")


async def test_a_missing_package_is_named(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment without its packages loads; the log lines have the module and the place of the import."""
    monkeypatch.setitem(sys.modules, "azure.keyvault.secrets", None)
    app = await load()
    answer = await app.get()
    assert (answer.status, answer.code) == (500, "internal-error")
    assert "azure" not in str(answer.json)
    place = r" at=key_vault\.py:[0-9]+ module=azure\.keyvault\.secrets"
    assert re.match(f"exchange outcome=internal-error .*{place}$", app.lines[-3])
    assert re.match(f"token-request outcome=internal-error .*{place}$", app.lines[-1])
