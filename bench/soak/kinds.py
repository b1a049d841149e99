"""The faults that a run draws from: what each does to a simulated service, and what callers may hear of it."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local.services.faults import Fault

#: Stands in every text that an upstream or a caller makes up, so that it can be looked for.
CANARY: Final = "soak-canary-7f3a"
_UNAVAILABLE: Final = {
    "identity": "identity-unavailable",
    "key-vault": "key-vault-unavailable",
    "sts": "sts-unavailable",
}
_IDENTITY: Final = dict.fromkeys((400, 403, 404), "identity-not-assigned")
_VAULT: Final = dict.fromkeys((302, 400, 401, 403, 404), "account-key-unavailable")
_REJECTED: Final = {401: "account-key-rejected", 403: "account-key-rejected"}
_STS: Final = dict.fromkeys((202, 204, 302), "sts-invalid-response") | dict.fromkeys((400, 404), "sts-rejected-request")
STATUSES: Final[dict[str, dict[int, str]]] = {
    "identity": _IDENTITY | dict.fromkeys((408, 429, 500, 502), "identity-unavailable"),
    "key-vault": _VAULT | dict.fromkeys((408, 429, 500, 503), "key-vault-unavailable"),
    "sts": _STS | _REJECTED | {429: "sts-throttled"} | dict.fromkeys((500, 502, 503), "sts-unavailable"),
}
_RETRY_AFTER: Final = frozenset({429, 503})
_RUBBISH: Final[tuple[str | bytes, ...]] = (
    f"<html>{CANARY}</html>",
    b"\x00\xff\xfe" * 50,
    "{}",
    "[" * 5_000,
    f'{{"AccessToken": 7, "value": 7, "access_token": 7, "x": "{CANARY}"}}',
    f'"{CANARY}' + "x" * 70_000 + '"',
)
_RAW: Final = (b"\x16\x03\x01" + b"\x00" * 20, CANARY.encode() * 9, b"HTTP/1.1 2OO OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What happens to ``lane`` (a simulated service, or the account's keys)."""

    lane: str
    name: str
    #: Codes that callers may get because of it; `upstream-timeout` is possible in any trouble and not named. The
    #: identity's tokens are revoked with every fault of the identity, and Key Vault says so first.
    codes: frozenset[str]
    fault: Fault | None = None
    #: "refuse", "untrust", "revoke:primary", "rotate:secondary" …
    actions: tuple[str, ...] = ()
    #: Laid over the STS's options meanwhile.
    options: Mapping[str, Any] = field(default_factory=dict)
    #: It holds a call up, also beyond its own end: up to the exchange's deadline.
    lingers: bool = False
    #: A connection failure or a 5xx, which is tried again after a pause.
    retried: bool = False
    retry_after_s: int = 0


type Make = Callable[[random.Random, str], Kind]


def status(rng: random.Random, lane: str) -> Kind:
    """Answer with any status, over the body of a good answer; where that is usual, sometimes with Retry-After."""
    number = rng.choice(list(STATUSES[lane]))
    wait_s = rng.choice((0, 0, 1, 2, 3)) if number in _RETRY_AFTER else 0
    headers = {"Retry-After": str(wait_s)} if wait_s else {}
    headers |= {"WWW-Authenticate": f"Invalid token: {CANARY}"} if lane == "sts" else {}
    headers |= {"Location": f"https://127.0.0.1:9/{CANARY}"} if number == 302 else {}  # noqa: PLR2004 - as it is called
    fault = Fault(status=number, headers=headers)
    codes, retried = _codes(STATUSES[lane][number]), number >= 500 and not wait_s  # noqa: PLR2004 - as it is called
    return Kind(lane=lane, name=str(number), codes=codes, fault=fault, retry_after_s=wait_s, retried=retried)


def drop(rng: random.Random, lane: str) -> Kind:
    """Cut the connection; a challenge of Key Vault that is cut in its headers is an unfit one."""
    where = rng.choice(("before", "headers", "body"))
    extra = ("account-key-unavailable",) if lane == "key-vault" else ()
    fault = Fault(drop=where)  # type: ignore[arg-type]  # choice loses the literals
    return Kind(lane=lane, name=f"drop {where}", codes=_codes(_UNAVAILABLE[lane], *extra), fault=fault, retried=True)


def hang(_: random.Random, lane: str) -> Kind:
    """Give no answer at all."""
    return Kind(lane=lane, name="hang", codes=_codes(), fault=Fault(delay=1_000), lingers=True)


def slow(rng: random.Random, lane: str) -> Kind:
    """Answer around the time that a caller waits."""
    fault = Fault(delay=rng.uniform(0.3, 2.5))
    return Kind(lane=lane, name=f"{fault.delay:.1f} s slow", codes=_codes(), fault=fault, lingers=True)


def trickle(rng: random.Random, lane: str) -> Kind:
    """Send a byte now and then; at the shorter intervals the answer arrives in time, but late."""
    part = rng.choice(("headers", "body"))
    fault = Fault(trickle=part, interval=rng.choice((0.001, 0.003, 0.05, 0.3)))  # type: ignore[arg-type]  # choice loses the literals
    return Kind(lane=lane, name=f"trickle {part}", codes=_codes(), fault=fault, lingers=True)


def rubbish(rng: random.Random, lane: str) -> Kind:
    """Answer with a 200 that can't be read, or with no HTTP."""
    unreadable = "sts-invalid-response" if lane == "sts" else _UNAVAILABLE[lane]
    if rng.random() < 1 / 3:
        fault = Fault(raw=rng.choice(_RAW))
        return Kind(lane=lane, name="no HTTP", codes=_codes(_UNAVAILABLE[lane]), fault=fault, retried=True)
    gzip: dict[str, str | None] = {"Content-Encoding": "gzip"} if rng.random() < 1 / 4 else {}
    fault = Fault(status=200, body=rng.choice(_RUBBISH), headers=gzip)
    return Kind(lane=lane, name="rubbish", codes=_codes(unreadable), fault=fault)


def refused(_: random.Random, lane: str) -> Kind:
    """Close the port."""
    return Kind(lane=lane, name="refused", codes=_codes(_UNAVAILABLE[lane]), actions=("refuse",), retried=True)


def untrusted(_: random.Random, lane: str) -> Kind:
    """Show a certificate that nobody trusts."""
    return Kind(lane=lane, name="bad TLS", codes=_codes(_UNAVAILABLE[lane]), actions=("untrust",), retried=True)


def expired(_: random.Random, lane: str) -> Kind:
    """Issue tokens that are dead."""
    return Kind(lane=lane, name="expired", codes=_codes("sts-invalid-response"), options={"lifetime": -5})


def keys(actions: tuple[str, ...], name: str) -> Make:
    """Change the account's keys, or have the STS refuse some."""
    return lambda _, lane: Kind(lane=lane, name=name, codes=_codes("account-key-rejected"), actions=actions)


def _codes(*codes: str) -> frozenset[str]:
    return frozenset(codes)


_EACH: Final[tuple[Make, ...]] = (status, status, status, drop, hang, slow, trickle, rubbish, refused)
_REVOKE, _ROTATE = ("revoke:primary", "revoke:secondary"), ("rotate:primary", "rotate:secondary")
DECK: Final[tuple[tuple[str, Make], ...]] = (
    *((lane, make) for lane in STATUSES for make in _EACH),
    *((lane, make) for lane in ("key-vault", "sts") for make in (untrusted, rubbish)),
    *(("sts", make) for make in (expired, status, drop, trickle)),
    *(("keys", keys(actions, "revoked")) for actions in (_REVOKE, _REVOKE[:1], _REVOKE[1:])),
    *(("keys", keys(actions, "rotated")) for actions in (_ROTATE, _ROTATE[:1])),
)
