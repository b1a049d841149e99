"""Contract section 8, as an operator meets it: a wrong setting never keeps the function from loading."""

import pytest

from local.services.simulated_services import SimulatedServices
from tests.integration.app import Load

SECRET_LOOKING = "https://user:hunter2@vault.example/path"


async def test_every_problem_is_named_at_once(load: Load, services: SimulatedServices) -> None:
    """Answer and log name each wrong setting, never a value, and nothing is called."""
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


async def test_nothing_is_set(load: Load, services: SimulatedServices) -> None:
    """A function app as it is right after its creation says what it needs."""
    app = await load(**dict.fromkeys(services.environment()))
    detail = (await app.get()).json["detail"]
    assert "KEY_VAULT_URL" in detail
    assert "ARR_ACCOUNT_ID" in detail


async def test_no_identity_and_no_sign_in(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without IDENTITY_ENDPOINT and without an Azure CLI, the answer names both cures."""
    monkeypatch.setenv("PATH", "")
    answer = await (await load(IDENTITY_ENDPOINT=None, IDENTITY_HEADER=None)).get()
    assert (answer.status, answer.code) == (500, "identity-not-assigned")
    assert "managed identity" in answer.json["detail"]
    assert "az login" in answer.json["detail"]


@pytest.mark.parametrize("settings", [{"IDENTITY_HEADER": None}, {"IDENTITY_ENDPOINT": "nonsense"}])
async def test_half_an_identity(load: Load, settings: dict[str, str | None]) -> None:
    """Platform variables that make no endpoint are an operator's matter."""
    assert (await (await load(**settings)).get()).code == "identity-not-assigned"
