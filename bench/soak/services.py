"""The simulated services, which record their calls and tokens."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Final, NamedTuple

from aiohttp import web

from bench.soak.plan import SHORT_LIFETIME_S, Outage
from local.services import jwts
from local.services.faults import Call, Fault, Faults
from local.services.simulated_services import SimulatedServices
from local.services.sts import Options

#: Delay of every call: without it, two simultaneous exchanges would hardly ever be seen.
_LATENCY_S: Final = 0.03
_CLOCK_OFFSETS_S: Final = (0.0, 0.0, -2.5, 60.0, -3_600.0, 31_536_000.0)
_EXPIRED_S: Final = -5

type Respond = Callable[[web.BaseRequest], Awaitable[web.Response]]


class RecordedCall(NamedTuple):
    """A call, and the fault that hit it."""

    service: str
    call: Call
    fault: Fault | None


@dataclass(frozen=True)
class Issue:
    """A token that the STS issued, the moments by this machine's clock and ``lifetime_s`` by the STS's own."""

    called_at: float
    at: float
    token: str
    lifetime_s: int | None


class RecordingServices(SimulatedServices):
    """Simulated services that carry out outages and record the upstream side.

    The STS issues tokens of ``lifetime_s``; its clock and the form of its tokens vary.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.calls: list[RecordedCall] = []
        self.issues: list[Issue] = []
        self.secrets = {self.identity.header, *self.account.keys.values()}
        self.lifetime_s = SHORT_LIFETIME_S
        self._expired = False
        self._rng = random.Random(f"tokens {seed}")
        for name, service in self.by_name().items():
            service.faults.on_call = partial(self._record, name, service.faults)
            service.respond = partial(self._respond, service.respond)  # type: ignore[method-assign]  # the same for each service

    def begin(self, outage: Outage) -> None:
        """Begin an outage."""
        service = self.by_name().get(outage.service, self.sts)
        if outage.service == "identity":
            self.identity.revoke_tokens()  # otherwise the SDK would use its token for a day
        if outage.fault is not None:
            service.faults.set(outage.fault)
        elif outage.action == "refuse":
            service.refuse()
        elif outage.action == "untrust":
            service.present_untrusted_certificate()
        elif outage.action == "expired":
            self._expired = True
        else:
            for name in self.account.keys:
                (self.sts.revoke if outage.action == "revoke" else self.sts.rotate)(name)
            self.secrets |= set(self.account.keys.values())

    def end(self, outage: Outage) -> None:
        """End an outage."""
        service = self.by_name().get(outage.service, self.sts)
        service.faults.clear()
        if outage.action in {"refuse", "untrust"}:
            service.accept()
        self._expired = False
        for name in self.account.revoked.copy():
            self.sts.restore(name)

    def _record(self, service: str, faults: Faults, call: Call) -> None:
        self.calls.append(RecordedCall(service, call, faults.current))

    async def _respond(self, respond: Respond, request: web.BaseRequest) -> web.Response:
        called_at = time.time()
        await asyncio.sleep(_LATENCY_S)
        self.sts.options = Options(
            lifetime=_EXPIRED_S if self._expired else self.lifetime_s,
            clock_offset=self._rng.choice(_CLOCK_OFFSETS_S),
            exp_as_string=self._rng.random() < 1 / 4,
            sends_ms_cv=self._rng.random() < 3 / 4,
            claims={"exp": None} if self._rng.random() < 1 / 10 else {},
        )
        response = await respond(request)
        body: dict[str, Any] = json.loads(response.body) if isinstance(response.body, bytes) and response.body else {}
        self.secrets |= {body[name] for name in ("access_token", "AccessToken") if name in body}
        if "AccessToken" in body:
            self.issues.append(_issue(called_at, body["AccessToken"], response))
        return response


def _issue(called_at: float, token: str, response: web.Response) -> Issue:
    date = int(parsedate_to_datetime(response.headers["Date"]).timestamp())
    claim = jwts.unverified_claims(token).get("exp")
    return Issue(called_at, time.time(), token, None if claim is None else int(claim) - date)
