"""The packed app in Microsoft's worker library, with only its own packages on the path."""

from collections.abc import Callable, Mapping
from typing import Any

from local.services.simulated_services import SimulatedServices

type Call = Callable[[Mapping[str, str]], Any]


def test_without_settings_the_required_ones_are_named(call: Call) -> None:
    """Without any setting the package loads, and its response names the two required settings."""
    response = call({})
    assert (response["status"], response["body"]["code"]) == (500, "misconfigured")
    assert all(name in response["body"]["detail"] for name in ("KEY_VAULT_URL", "ARR_ACCOUNT_ID"))


def test_it_gives_a_token(call: Call, services: SimulatedServices) -> None:
    """With the packages of requirements.txt, identity, Key Vault and the STS are called, and a token comes back."""
    response = call(services.environment())
    assert response["status"] == 200, response["body"]
    assert response["body"]["AccessToken"].startswith("ey")
    assert response["strangers"] == []
    assert services.sts.faults.calls
