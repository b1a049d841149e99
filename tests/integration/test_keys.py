"""The credential for the STS: account keys in their order, or the identity's own token."""

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.integration.app import Load

BOTH = {"ARR_ACCOUNT_KEY_SECRETS": "arr-account-key, arr-account-key-secondary"}
KEYLESS = {"ARR_CREDENTIAL": "managed-identity", "KEY_VAULT_URL": None}


async def test_the_second_key_serves_while_the_first_is_replaced(load: Load, services: SimulatedServices) -> None:
    """Callers get tokens during a rotation, and the log has the refusal of the first key."""
    services.sts.revoke("primary")
    app = await load(**BOTH)
    assert (await app.get()).status == 200
    assert [call.status for call in services.sts.faults.calls] == [401, 200]
    assert "outcome=ok upstream=- status=- kind=- key=2/2 skipped=sts:401 " in app.lines[0]


@pytest.mark.parametrize("value", ["", "with space", None])
async def test_a_secret_without_a_usable_key_is_skipped(
    load: Load, services: SimulatedServices, value: str | None
) -> None:
    """If a secret is empty, broken or missing, the next key is used."""
    if value is None:
        del services.key_vault.secrets["arr-account-key"]
    else:
        services.key_vault.set_secret("arr-account-key", value)
    assert (await (await load(**BOTH)).get()).status == 200


async def test_a_refused_key_outweighs_a_missing_one(load: Load, services: SimulatedServices) -> None:
    """The caller gets the MS-CV of the call that refused a key; the log has both reasons."""
    services.sts.revoke("primary")
    del services.key_vault.secrets["arr-account-key-secondary"]
    app = await load(**BOTH)
    response = await app.get()
    assert response.code == "account-key-rejected"
    assert " key=- skipped=sts:401,key-vault:404 " in app.lines[0]
    assert response.json["msCv"] == services.sts.faults.calls[-1].response_headers["MS-CV"]


@pytest.mark.parametrize("status", [400, 404, 429, 503])
async def test_the_second_key_is_not_tried_for_other_faults(
    load: Load, services: SimulatedServices, status: int
) -> None:
    """A fault that does not depend on the key ends the exchange."""
    app = await load(**BOTH)
    await app.expire()
    services.sts.faults.reset()
    services.sts.faults.set(Fault(status=status, headers={"Retry-After": "5"}))
    assert (await app.get()).status in {502, 503}
    assert services.sts.faults.count == 1


async def test_white_space_around_a_key_is_removed(load: Load, services: SimulatedServices) -> None:
    """A key that was stored with a newline works."""
    services.key_vault.set_secret("arr-account-key", f" \t{services.account.keys['primary']}\r\n")
    assert (await (await load()).get()).status == 200


async def test_the_next_exchange_uses_a_rotated_key(load: Load, services: SimulatedServices) -> None:
    """A rotated key is used without a restart."""
    app = await load()
    await app.get()
    services.sts.rotate("primary")
    app.advance(60)
    assert (await app.get(cache_control="no-cache")).headers["age"] == "0"


async def test_one_identity_token_serves_many_exchanges(load: Load, services: SimulatedServices) -> None:
    """An outage of the identity endpoint affects no refresh for a day."""
    app = await load()
    await app.get()
    services.identity.refuse()
    app.advance(60)
    assert (await app.get(cache_control="no-cache")).headers["age"] == "0"


async def test_a_refused_identity_token_is_not_used_again(load: Load, services: SimulatedServices) -> None:
    """After a 401 of Key Vault the next exchange gets a new identity token, so that a new role counts."""
    app = await load()
    await app.get()
    services.key_vault.faults.set(Fault(status=401, times=2))
    app.advance(60)
    assert (await app.get(cache_control="no-cache")).code == "account-key-unavailable"
    assert services.identity.faults.count == 1
    app.advance(1)
    assert (await app.get(cache_control="no-cache")).headers["age"] == "0"
    assert services.identity.faults.count == 2


async def test_keyless_sends_the_identity_token_and_never_calls_key_vault(
    load: Load, services: SimulatedServices
) -> None:
    """The STS gets a token for its resource with the trailing slash; the log has no key."""
    app = await load(**KEYLESS)
    assert (await app.get()).status == 200
    assert " key=- skipped=- " in app.lines[0]
    assert services.identity.faults.calls[0].query["resource"] == "https://sts.mixedreality.azure.com/"
    assert not services.key_vault.faults.calls


@pytest.mark.parametrize("status", [401, 403])
async def test_keyless_names_a_refused_identity(load: Load, services: SimulatedServices, status: int) -> None:
    """The detail names the settings to check, and the next exchange gets a token."""
    app = await load(**KEYLESS)
    await app.expire()
    services.sts.faults.set(Fault(status=status, times=1))
    response = await app.get()
    assert (response.status, response.code) == (502, "identity-rejected")
    assert "ARR_ACCOUNT_DOMAIN" in response.json["detail"]
    app.advance(1)
    assert (await app.get()).status == 200
