"""The table of contract section 4, in Microsoft's worker: the problems that callers get while no token is cached."""

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.integration.app import Load, Response

STATUS = {
    "identity-not-assigned": 500,
    "identity-unavailable": 503,
    "account-key-unavailable": 500,
    "key-vault-unavailable": 503,
    "account-key-rejected": 502,
    "sts-rejected-request": 502,
    "sts-throttled": 503,
    "sts-unavailable": 503,
    "sts-invalid-response": 502,
}
TRANSIENT = {"identity-unavailable", "key-vault-unavailable", "sts-throttled", "sts-unavailable", "upstream-timeout"}
FIELDS = ["type", "title", "status", "detail", "code", "requestId", "msCv"]

IDENTITY = [
    *((Fault(status=status), "identity-not-assigned") for status in (400, 401, 404)),
    *((Fault(status=status), "identity-unavailable") for status in (204, 302, 408, 425, 429)),
    (Fault(status=503, headers={"Retry-After": "1"}), "identity-unavailable"),
    (Fault(body="<html>"), "identity-unavailable"),
    (Fault(body='{"access_token": "a b", "expires_on": "1"}'), "identity-unavailable"),
    (Fault(drop="headers"), "identity-unavailable"),
]
KEY_VAULT = [
    *((Fault(status=status), "account-key-unavailable") for status in (302, 400, 403, 404)),
    *((Fault(status=status), "key-vault-unavailable") for status in (408, 425, 429)),
    (Fault(status=503, headers={"Retry-After": "1"}), "key-vault-unavailable"),
    (Fault(body="{}", skip=1), "key-vault-unavailable"),
    (Fault(body="x" * 70_000, skip=1), "key-vault-unavailable"),
    (Fault(body='{"value": "a b"}', skip=1), "account-key-unavailable"),
    (Fault(body='{"value": "k", "attributes": {"enabled": false}}', skip=1), "account-key-unavailable"),
    (Fault(status=401, skip=1), "account-key-unavailable"),
    (Fault(headers={"WWW-Authenticate": "Basic"}), "account-key-unavailable"),
    (
        Fault(headers={"WWW-Authenticate": 'Bearer authorization="https://l.invalid/t", resource="https://v.invalid"'}),
        "account-key-unavailable",
    ),
    (Fault(drop="headers"), "key-vault-unavailable"),
    (Fault(drop="body", skip=1), "key-vault-unavailable"),
]
STS = [
    *((Fault(status=status), "account-key-rejected") for status in (401, 403)),
    *((Fault(status=status), "sts-rejected-request") for status in (400, 404, 410, 418)),
    *((Fault(status=status, headers={"MS-CV": None}), "sts-invalid-response") for status in (404, 410)),
    (Fault(status=429), "sts-throttled"),
    *((Fault(status=status), "sts-unavailable") for status in (408, 425)),
    (Fault(status=503, body="", headers={"Retry-After": "1"}), "sts-unavailable"),
    *((Fault(status=status), "sts-invalid-response") for status in (201, 204, 302)),
    (Fault(body="rubbish"), "sts-invalid-response"),
    (Fault(body='{"AccessToken": "a b"}'), "sts-invalid-response"),
    (Fault(body="x" * 65_537), "sts-invalid-response"),
    (Fault(body="not gzip", headers={"Content-Encoding": "gzip"}), "sts-invalid-response"),
    (Fault(drop="headers"), "sts-unavailable"),
    (Fault(drop="body"), "sts-unavailable"),
    (Fault(raw=b"rubbish"), "sts-unavailable"),
]
_NOT_THE_STS = "something other than the STS may have answered"


def check(response: Response, code: str) -> None:
    assert (response.code, response.status, response.json["status"]) == (code, STATUS[code], STATUS[code])
    assert list(response.json) == FIELDS
    assert response.json["type"] == f"urn:arr-token:problem:{code}"
    assert response.json["requestId"] == response.headers["x-ms-request-id"]
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert ("retry-after" in response.headers) == (code in TRANSIENT)


@pytest.mark.parametrize(("fault", "code"), IDENTITY, ids=repr)
async def test_identity_faults(load: Load, services: SimulatedServices, fault: Fault, code: str) -> None:
    """A caller learns whether the identity is missing or its endpoint has an outage."""
    services.identity.faults.set(fault)
    check(await (await load()).get(), code)


@pytest.mark.parametrize(("fault", "code"), KEY_VAULT, ids=lambda value: repr(value)[:80])
async def test_key_vault_faults(load: Load, services: SimulatedServices, fault: Fault, code: str) -> None:
    """A caller learns whether the key is unusable or the vault has an outage."""
    services.key_vault.faults.set(fault)
    check(await (await load()).get(), code)


@pytest.mark.parametrize(("fault", "code"), STS, ids=lambda value: repr(value)[:80])
async def test_sts_faults(load: Load, services: SimulatedServices, fault: Fault, code: str) -> None:
    """A caller learns whether the STS refused, throttled or failed; the status takes precedence over any body."""
    services.sts.faults.set(fault)
    check(await (await load()).get(), code)


@pytest.mark.parametrize("name", ["identity", "key-vault", "sts"])
async def test_a_refused_connection(load: Load, services: SimulatedServices, name: str) -> None:
    """A service that does not listen is unavailable."""
    services.by_name()[name].refuse()
    check(await (await load()).get(), f"{name}-unavailable")


@pytest.mark.parametrize(("name", "setting"), [("key-vault", "KEY_VAULT_URL"), ("sts", "ARR_STS_URL")])
async def test_a_name_that_does_not_resolve(load: Load, name: str, setting: str) -> None:
    """A host name without an address is unavailable."""
    check(await (await load(**{setting: "https://name.invalid"})).get(), f"{name}-unavailable")


@pytest.mark.parametrize("name", ["key-vault", "sts"])
async def test_an_untrusted_certificate(load: Load, services: SimulatedServices, name: str) -> None:
    """A server that can't prove its name gets no request."""
    services.by_name()[name].present_untrusted_certificate()
    check(await (await load()).get(), f"{name}-unavailable")
    assert not services.by_name()[name].faults.calls


async def test_an_expired_token_is_not_handed_out(load: Load, services: SimulatedServices) -> None:
    """A token that is already expired when it is issued is an invalid response."""
    services.sts.options.claims = {"exp": 1}
    check(await (await load()).get(), "sts-invalid-response")


async def test_a_refusal_carries_the_ms_cv_of_its_call(load: Load, services: SimulatedServices) -> None:
    """Support finds the refused call by the MS-CV in header and body."""
    services.sts.faults.set(Fault(status=401))
    response = await (await load()).get()
    assert response.json["msCv"] == response.headers["ms-cv"] == services.sts.faults.calls[-1].response_headers["MS-CV"]


@pytest.mark.parametrize(("status", "settings"), [(401, {}), (401, {"ARR_CREDENTIAL": "managed-identity"}), (400, {})])
@pytest.mark.parametrize("sends_ms_cv", [True, False])
async def test_a_refusal_without_ms_cv_may_not_be_the_stss(
    load: Load, services: SimulatedServices, status: int, settings: dict[str, str | None], sends_ms_cv: bool
) -> None:
    """Without an MS-CV, the detail also says to check whether the service still exists."""
    headers: dict[str, str | None] = {} if sends_ms_cv else {"MS-CV": None}
    services.sts.faults.set(Fault(status=status, headers=headers))
    response = await (await load(**settings)).get()
    assert (_NOT_THE_STS in response.json["detail"]) != sends_ms_cv
    assert (response.json["msCv"] is not None) == sends_ms_cv


@pytest.mark.parametrize(("sent", "expected"), [("7", 7), ("0", 1), ("99999", 3600), ("soon", 1), ("-5", 1), (None, 1)])
async def test_a_throttling_sts_sets_retry_after(
    load: Load, services: SimulatedServices, sent: str | None, expected: int
) -> None:
    """Callers get the STS's own Retry-After, between 1 and 3600."""
    services.sts.faults.set(Fault(status=429, headers={"Retry-After": sent}))
    assert (await (await load()).get()).retry_after == expected
