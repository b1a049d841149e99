"""The table of contract section 4, in Microsoft's worker: what callers get when nothing is held."""

import pytest

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.integration.app import Answer, Load

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
    *((Fault(status=status), "identity-not-assigned") for status in (400, 401, 403, 404, 410, 499)),
    *((Fault(status=status), "identity-unavailable") for status in (408, 429, 500, 502, 503, 599, 204, 302)),
    *((Fault(body=body), "identity-unavailable") for body in ("", "{}", "[]", "null", "<html>", '{"access_token": 1}')),
    (Fault(body='{"access_token": "a b", "expires_on": "1"}'), "identity-unavailable"),
    (Fault(body='{"access_token": "x", "expires_on": "soon"}'), "identity-unavailable"),
    (Fault(drop="before"), "identity-unavailable"),
    (Fault(drop="headers"), "identity-unavailable"),
    (Fault(drop="body"), "identity-unavailable"),
    (Fault(raw=b"\x00\xff rubbish\r\n\r\n"), "identity-unavailable"),
]
KEY_VAULT = [
    *((Fault(status=status), "account-key-unavailable") for status in (302, 307, 400, 403, 404, 409)),
    *((Fault(status=status), "key-vault-unavailable") for status in (408, 429, 500, 503)),
    *((Fault(body=body, skip=1), "key-vault-unavailable") for body in ("", "{}", "[]", "rubbish", "x" * 70_000)),
    *(
        (Fault(body=f'{{"value": "{value}"}}', skip=1), "account-key-unavailable")
        for value in ("", " ", "a b", "ü", "\\u0000")
    ),
    (Fault(body='{"value": "k", "attributes": {"enabled": false}}', skip=1), "account-key-unavailable"),
    (Fault(status=401, skip=1), "account-key-unavailable"),
    (Fault(body=b'{"value": "\xff"}', skip=1), "key-vault-unavailable"),
    (Fault(headers={"WWW-Authenticate": None}), "account-key-unavailable"),
    (Fault(headers={"WWW-Authenticate": "Basic"}), "account-key-unavailable"),
    (
        Fault(headers={"WWW-Authenticate": 'Bearer authorization="https://l.invalid/t", resource="https://v.invalid"'}),
        "account-key-unavailable",
    ),
    (Fault(drop="before"), "key-vault-unavailable"),
    (Fault(drop="body", skip=1), "key-vault-unavailable"),
]
STS = [
    *((Fault(status=status), "account-key-rejected") for status in (401, 403)),
    *((Fault(status=status), "sts-rejected-request") for status in (400, 404, 408, 410, 418, 499)),
    (Fault(status=429), "sts-throttled"),
    *((Fault(status=status, body=""), "sts-unavailable") for status in (500, 502, 503, 599)),
    *((Fault(status=status), "sts-invalid-response") for status in (201, 202, 204, 206, 300, 301, 302, 303, 307, 308)),
    *(
        (Fault(body=body), "sts-invalid-response")
        for body in ("", "[]", "null", "{}", "rubbish", '{"AccessToken": ""}')
    ),
    *(
        (Fault(body=f'{{"AccessToken": {value}}}'), "sts-invalid-response")
        for value in ("null", "5", '"a b"', '"ü"', "[]")
    ),
    (Fault(body="[" * 60_000), "sts-invalid-response"),
    (Fault(body="x" * 65_537), "sts-invalid-response"),
    (Fault(body="not gzip", headers={"Content-Encoding": "gzip"}), "sts-invalid-response"),
    (Fault(drop="before"), "sts-unavailable"),
    (Fault(drop="headers"), "sts-unavailable"),
    (Fault(drop="body"), "sts-unavailable"),
    (Fault(raw=b"rubbish"), "sts-unavailable"),
]


def check(answer: Answer, code: str) -> None:
    assert (answer.code, answer.status, answer.json["status"]) == (code, STATUS[code], STATUS[code])
    assert list(answer.json) == FIELDS
    assert answer.json["type"] == f"urn:arr-token:problem:{code}"
    assert answer.json["requestId"] == answer.headers["x-ms-request-id"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert ("retry-after" in answer.headers) == (code in TRANSIENT)


@pytest.mark.parametrize(("fault", "code"), IDENTITY, ids=repr)
async def test_identity_faults(load: Load, services: SimulatedServices, fault: Fault, code: str) -> None:
    """A caller is told whether the identity is missing or its endpoint down."""
    services.identity.faults.set(fault)
    check(await (await load()).get(), code)


@pytest.mark.parametrize(("fault", "code"), KEY_VAULT, ids=lambda value: repr(value)[:80])
async def test_key_vault_faults(load: Load, services: SimulatedServices, fault: Fault, code: str) -> None:
    """A caller is told whether the key is no use or the vault is down."""
    services.key_vault.faults.set(fault)
    check(await (await load()).get(), code)


@pytest.mark.parametrize(("fault", "code"), STS, ids=lambda value: repr(value)[:80])
async def test_sts_faults(load: Load, services: SimulatedServices, fault: Fault, code: str) -> None:
    """A caller is told what the STS did; its status decides before any body."""
    services.sts.faults.set(fault)
    check(await (await load()).get(), code)


@pytest.mark.parametrize("name", ["identity", "key-vault", "sts"])
async def test_a_refused_connection(load: Load, services: SimulatedServices, name: str) -> None:
    """A service that nobody listens for is unavailable."""
    services.by_name()[name].refuse()
    check(await (await load()).get(), f"{name}-unavailable")


@pytest.mark.parametrize(("name", "setting"), [("key-vault", "KEY_VAULT_URL"), ("sts", "ARR_STS_URL")])
async def test_a_name_that_does_not_resolve(load: Load, name: str, setting: str) -> None:
    """A host name without an address is unavailable."""
    check(await (await load(**{setting: "https://name.invalid"})).get(), f"{name}-unavailable")


@pytest.mark.parametrize("name", ["key-vault", "sts"])
async def test_a_certificate_of_nobody(load: Load, services: SimulatedServices, name: str) -> None:
    """No call is made to who can't prove to be the service."""
    services.by_name()[name].present_untrusted_certificate()
    check(await (await load()).get(), f"{name}-unavailable")
    assert not services.by_name()[name].faults.calls


async def test_an_expired_token_is_none(load: Load, services: SimulatedServices) -> None:
    """A token that had ended when it was issued is not handed out."""
    services.sts.options.claims = {"exp": 1}
    check(await (await load()).get(), "sts-invalid-response")


async def test_a_refusal_carries_the_ms_cv_of_its_call(load: Load, services: SimulatedServices) -> None:
    """Support finds the refused call by the MS-CV in header and body."""
    services.sts.faults.set(Fault(status=401))
    answer = await (await load()).get()
    assert answer.json["msCv"] == answer.headers["ms-cv"] == services.sts.faults.calls[-1].response_headers["MS-CV"]


@pytest.mark.parametrize(("sent", "told"), [("7", 7), ("0", 1), ("99999", 3600), ("soon", 1), ("-5", 1), (None, 1)])
async def test_a_throttling_sts_sets_retry_after(
    load: Load, services: SimulatedServices, sent: str | None, told: int
) -> None:
    """Callers are told the STS's own Retry-After, between 1 and 3600."""
    services.sts.faults.set(Fault(status=429, headers={"Retry-After": sent}))
    assert (await (await load()).get()).retry_after == told
