"""One call of the STS: of the simulated service, and of a server that issues one token."""

import base64
import json

import pytest

from local.services.simulated_services import SimulatedServices
from shared.errors import ArrTokenError
from shared.secret import Secret
from shared.tokens.issued_token import IssuedToken
from shared.upstreams.sts import Sts
from tests.unit.support import ACCOUNT_ID, MS_CV
from tests.unit.upstreams.harness import Way
from tests.unit.upstreams.server import Server, answer


def part(content: bytes) -> str:
    """Return one part of a JWT."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def jwt(claims: str) -> str:
    """Return a JWT with this payload."""
    return f"{part(b'{}')}.{part(claims.encode())}.c2ln"


def issued(token: str, date: str | None) -> IssuedToken:
    """Return what is known of a token that an STS with this Date issues."""
    headers = [f"MS-CV: {MS_CV}", *([] if date is None else [f"Date: {date}"])]
    with Server(answer(200, json.dumps({"AccessToken": token}).encode(), *headers)) as server, Way() as way:
        sts = Sts(f"http://{server.address}", ACCOUNT_ID, way.connections, keyless=False)
        return sts.issue(Secret("id:key"))


def issue(services: SimulatedServices, way: Way, *, keyless: bool = False) -> IssuedToken:
    """Return a token of the simulated service for its primary key."""
    account = services.account
    sts = Sts(services.sts.url, account.id, way.connections, keyless=keyless)
    return sts.issue(Secret(f"{account.id}:{account.keys['primary']}"))


def refusal_of(services: SimulatedServices, limit_s: float = 5, *, keyless: bool = False) -> ArrTokenError:
    """Return what the simulated service's refusal becomes; it gives nothing away."""
    with Way(limit_s) as way, pytest.raises(ArrTokenError) as raised:
        issue(services, way, keyless=keyless)
    error = raised.value
    assert error.upstream == way.exchange.upstream == "sts"
    assert error.__cause__ is error.__context__ is None
    text = f"{error} {error!r} {vars(error)}"
    hidden = (services.account.keys["primary"], services.account.id, "127.0.0.1", "Invalid request", "hunter2")
    assert not any(secret in text for secret in hidden)
    return error
