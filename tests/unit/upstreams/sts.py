"""One call of the simulated STS, and tokens as the STS issues them."""

import base64

from local.services.simulated_services import SimulatedServices
from shared.errors import ArrTokenError
from shared.secret import Secret
from shared.tokens.issued_token import IssuedToken
from shared.upstreams.sts import Sts
from tests.unit.upstreams.harness import ExchangeHarness, failure_of


def part(content: bytes) -> str:
    """Return one part of a JWT."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def jwt(claims: str) -> str:
    """Return a JWT with this payload."""
    return f"{part(b'{}')}.{part(claims.encode())}.c2ln"


def issue(services: SimulatedServices, harness: ExchangeHarness, *, keyless: bool = False) -> IssuedToken:
    """Return a token of the simulated STS for its primary key."""
    account = services.account
    sts = Sts(services.sts.url, account.id, harness.connections, keyless=keyless)
    return sts.issue(Secret(f"{account.id}:{account.keys['primary']}"))


def refusal_of(services: SimulatedServices, limit_s: float = 5, *, keyless: bool = False) -> ArrTokenError:
    """Return the error for the simulated STS's response, having checked that it contains no secret."""
    with ExchangeHarness(limit_s) as harness:
        error = failure_of(lambda: issue(services, harness, keyless=keyless))
        assert error.upstream == harness.exchange.progress.upstream == "sts"
    text = f"{error} {error!r} {vars(error)}"
    assert not any(hidden in text for hidden in (services.account.keys["primary"], services.account.id))
    return error
