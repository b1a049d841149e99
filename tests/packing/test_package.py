"""The packed app in Microsoft's worker library, with nothing on the path but its own packages."""

from collections.abc import Callable, Mapping
from typing import Any

from local.services.simulated_services import SimulatedServices

type Call = Callable[[Mapping[str, str]], Any]


def test_right_after_its_creation_it_says_what_it_needs(call: Call) -> None:
    """Without any setting the package loads, and its answer names the two that are required."""
    answer = call({})
    assert (answer["status"], answer["body"]["code"]) == (500, "misconfigured")
    assert all(name in answer["body"]["detail"] for name in ("KEY_VAULT_URL", "ARR_ACCOUNT_ID"))


def test_it_gives_a_token(call: Call, services: SimulatedServices) -> None:
    """requirements.txt has all that a token takes: identity, Key Vault and the STS are called, with the real SDKs."""
    answer = call(services.environment())
    assert answer["status"] == 200, answer["body"]
    assert answer["body"]["AccessToken"].startswith("ey")
    assert answer["strangers"] == []
    assert services.sts.faults.calls
