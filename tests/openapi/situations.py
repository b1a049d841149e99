"""A situation that causes each problem."""

import base64
import sys
from typing import Final, NamedTuple

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.openapi.conftest import Serve
from tests.openapi.served import Served

_SIGN_IN = {"ARR_REQUIRED_ROLE": "ArrUser", "WEBSITE_AUTH_ENABLED": "True"}
_SIGNED_IN = base64.b64encode(b'{"auth_typ": "aad", "claims": [{"typ": "roles", "val": "Another"}]}').decode()
_LATER = {"Retry-After": "1"}  # prevents retries


class Situation(NamedTuple):
    """Leads to a problem: a simulated service's fault, settings, or what the caller sends."""

    upstream: str = "sts"
    fault: Fault | None = None
    settings: dict[str, str | None] = {}  # noqa: RUF012  # never changed
    query: dict[str, str] = {}  # noqa: RUF012  # never changed
    headers: dict[str, str] = {}  # noqa: RUF012  # never changed
    bug: bool = False

    def set_up(self, serve: Serve, services: SimulatedServices, monkeypatch: pytest.MonkeyPatch) -> Served:
        """Serve a function that gives the problem to a request with this situation's query and headers."""
        if self.fault is not None:
            services.by_name()[self.upstream].faults.set(self.fault)
        served = serve(**self.settings)
        if self.bug:
            monkeypatch.delattr(sys.modules["shared.api.handler"], "read_parameters")
        return served


SITUATIONS: Final = {
    "invalid-request": Situation(query={"minValidity": "soon"}),
    "unauthenticated": Situation(settings={**_SIGN_IN}),
    "forbidden": Situation(settings={**_SIGN_IN}, headers={"x_ms_client_principal": _SIGNED_IN}),
    "misconfigured": Situation(settings={"KEY_VAULT_URL": None, "ARR_ACCOUNT_ID": None}),
    "identity-not-assigned": Situation("identity", Fault(status=400)),
    "identity-unavailable": Situation("identity", Fault(status=503, headers=_LATER)),
    "account-key-unavailable": Situation("key-vault", Fault(status=403)),
    "key-vault-unavailable": Situation("key-vault", Fault(status=503, headers=_LATER)),
    "account-key-rejected": Situation("sts", Fault(status=401)),
    "identity-rejected": Situation("sts", Fault(status=401), {"ARR_CREDENTIAL": "managed-identity"}),
    "sts-rejected-request": Situation("sts", Fault(status=400)),
    "sts-throttled": Situation("sts", Fault(status=429, headers=_LATER)),
    "sts-unavailable": Situation("sts", Fault(status=503, headers=_LATER)),
    "sts-invalid-response": Situation("sts", Fault(body="{}")),
    "upstream-timeout": Situation("sts", Fault(delay=5), {"ARR_MAX_WAIT_SECONDS": "1"}),
    "internal-error": Situation(bug=True),
}
