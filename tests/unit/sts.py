"""One call of the STS: of the stand-in, and of a server that issues one token."""

import base64
import json

import pytest

from local.stand_ins import StandIns
from shared.errors import ArrTokenError
from shared.sts import Sts
from shared.tokens import IssuedToken, Secret
from tests.unit.server import Server, answer
from tests.unit.support import ACCOUNT_ID, MS_CV
from tests.unit.upstreams import Way


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


def issue(stand_ins: StandIns, way: Way, *, keyless: bool = False) -> IssuedToken:
    """Return a token of the stand-in for its primary key."""
    account = stand_ins.account
    sts = Sts(stand_ins.sts.url, account.id, way.connections, keyless=keyless)
    return sts.issue(Secret(f"{account.id}:{account.keys['primary']}"))


def refusal_of(stand_ins: StandIns, limit_s: float = 5, *, keyless: bool = False) -> ArrTokenError:
    """Return what the stand-in's refusal becomes; it gives nothing away."""
    with Way(limit_s) as way, pytest.raises(ArrTokenError) as raised:
        issue(stand_ins, way, keyless=keyless)
    error = raised.value
    assert error.upstream == way.exchange.upstream == "sts"
    assert error.__cause__ is error.__context__ is None
    text = f"{error} {error!r} {vars(error)}"
    hidden = (stand_ins.account.keys["primary"], stand_ins.account.id, "127.0.0.1", "Invalid request", "hunter2")
    assert not any(secret in text for secret in hidden)
    return error
