"""The simulated services, which keep a record of what they do."""

import asyncio
import json
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any, Final, override

from aiohttp import web

from bench.soak.plan import Issuing
from bench.soak.record import Issue, Record, Seen
from local.services import jwts
from local.services.account import KeyName
from local.services.faults import Call, Fault, Faults
from local.services.identity import Identity
from local.services.key_vault import KeyVault
from local.services.simulated_services import SimulatedServices
from local.services.sts import Options, Sts

LATENCY_S: Final = 0.03  # of every call; without it two exchanges would hardly ever be seen at the same time


class _Witness(Faults):
    def __init__(self, service: str, record: Record) -> None:
        super().__init__()
        self._service = service
        self._record = record

    @override
    def begin(self, call: Call) -> Fault | None:
        fault = super().begin(call)
        self._record.calls.append(Seen(self._service, call, fault))
        return fault


class _Identity(Identity):
    record: Record

    @override
    async def answer(self, request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(LATENCY_S)
        response = await super().answer(request)
        token = _body(response).get("access_token")
        self.record.secrets |= {token} if token else set()
        return response


class _KeyVault(KeyVault):
    @override
    async def answer(self, request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(LATENCY_S)
        return await super().answer(request)


class _Sts(Sts):
    """Issues as ``issuing`` says, changed between answers only: a token and its Date belong together."""

    record: Record
    issuing = Issuing(0.0, {})
    overlay: Mapping[str, Any] = MappingProxyType({})

    @override
    async def answer(self, request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(LATENCY_S)
        self.options = Options(**(self.issuing.options | dict(self.overlay)))
        response = await super().answer(request)
        token = _body(response).get("AccessToken")
        if token:
            self.record.issues.append(_issue(self._asked(), token, response))
            self.record.secrets.add(token)
        return response

    def _asked(self) -> float:
        return next(seen.call.started for seen in reversed(self.record.calls) if seen.service == "sts")

    @override
    def rotate(self, name: KeyName) -> None:
        super().rotate(name)
        self.record.secrets.add(self.account.keys[name])


class WatchedStandIns(SimulatedServices):
    """Simulated services that keep a record."""

    def __init__(self) -> None:
        super().__init__()
        self.record = Record()
        self.identity = _Identity()
        self.key_vault = _KeyVault(self._authority.server_context(), self.identity)
        self.sts: _Sts = _Sts(self._authority.server_context(), self.account, self.identity, self.key_vault)
        self.identity.record = self.sts.record = self.record
        for name, service in self.by_name().items():
            service.faults = _Witness(name, self.record)
        self.record.secrets |= {self.identity.header, *self.account.keys.values()}

    def act(self, lane: str, action: str, *, on: bool) -> None:
        """Begin or end what no fault can do."""
        verb, _, key = action.partition(":")
        names: dict[str, KeyName] = {name: name for name in self.account.keys}
        if verb in ("refuse", "untrust"):
            service = self.by_name()[lane]
            begin = service.refuse if verb == "refuse" else service.present_untrusted_certificate
            (begin if on else service.accept)()
        elif verb == "rotate" and on:
            self.sts.rotate(names[key])
        elif verb == "revoke":
            (self.sts.revoke if on else self.sts.restore)(names[key])


def _issue(asked: float, token: str, response: web.Response) -> Issue:
    expires_on = jwts.unverified_claims(token).get("exp")
    date = parsedate_to_datetime(response.headers["Date"]).timestamp()
    life = None if expires_on is None else int(expires_on) - int(date)
    expires_on = None if expires_on is None else int(expires_on)
    return Issue(asked, time.time(), token, response.headers.get("MS-CV"), expires_on, life)


def _body(response: web.Response) -> dict[str, Any]:
    body = json.loads(response.body) if isinstance(response.body, bytes) and response.body else {}
    return body if isinstance(body, dict) else {}
