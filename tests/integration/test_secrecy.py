"""Contract section 7: no secret in a log line or a response. Each leak is first shown to exist without our code."""

import logging

import pytest
import requests
from azure.identity import ManagedIdentityCredential

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.integration.app import App, Load

LOGGERS = ("azure", "azure.core", "azure.identity", "azure.keyvault", "msal", "urllib3", "requests", "")


@pytest.fixture
def everything(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    """All log lines of all libraries, at every level."""
    for name in (
        *LOGGERS,
        "azure.core.pipeline.policies.http_logging_policy",
        "azure.identity._internal.get_token_mixin",
    ):
        logger = logging.getLogger(name)
        monkeypatch.setattr(logger, "propagate", True)
        monkeypatch.setattr(logger, "level", logging.DEBUG)
    logging.getLogger().manager._clear_cache()  # type: ignore[attr-defined]  # a private method
    return caplog


def secrets_of(services: SimulatedServices) -> set[str]:
    """Return the texts that no log line and no problem may contain."""
    seen = {call.headers.get("Authorization", "").removeprefix("Bearer ") for call in services.key_vault.faults.calls}
    keys = {secret.value.strip() for secret in services.key_vault.secrets.values()}
    return (seen | keys | set(services.sts.issued) | {services.identity.header}) - {""}


async def check(app: App, services: SimulatedServices, logs: pytest.LogCaptureFixture) -> None:
    responses = [await app.get(), await app.get()]
    problems = "".join(str(response.json) for response in responses if response.status != 200)
    text = logs.text + problems + "".join(app.lines) + "".join(app.lost)
    assert secrets_of(services)
    for secret in secrets_of(services):
        assert secret not in text


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("sts", None),
        *(("sts", Fault(status=status)) for status in (200, 400, 401, 500)),
        ("sts", Fault(drop="body")),
        ("key-vault", Fault(status=403, skip=1)),
        ("key-vault", Fault(drop="body", skip=1)),
        ("identity", Fault(status=500)),
        ("identity", Fault(status=200, body="rubbish")),
    ],
    ids=repr,
)
async def test_no_secret_is_in_a_log_line_or_an_answer(
    load: Load, services: SimulatedServices, everything: pytest.LogCaptureFixture, name: str, fault: Fault | None
) -> None:
    """No key and no token leaks, at any log level of any library, whatever faults the services have."""
    app = await load()
    if fault is not None:
        app.advance(60)
        services.by_name()[name].faults.set(fault)
        await app.get(cache_control="no-cache")
    await check(app, services, everything)


def test_the_sdk_logs_the_identity_endpoints_response(
    services: SimulatedServices, everything: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """azure-identity logs a response that it can't read; the next test shows that the function does not."""
    for name, value in services.environment().items():
        monkeypatch.setenv(name, value)
    services.identity.faults.set(Fault(status=200, body="token-in-here"))
    with pytest.raises(Exception, match=r"."):
        ManagedIdentityCredential(retry_total=0).get_token("https://vault.azure.net/.default")
    assert "token-in-here" in everything.text


async def test_the_identity_endpoints_response_is_not_logged(
    load: Load, services: SimulatedServices, everything: pytest.LogCaptureFixture
) -> None:
    """A response that can't be read may contain a token, and is not logged."""
    services.identity.faults.set(Fault(status=200, body="token-in-here"))
    app = await load()
    assert (await app.get()).code == "identity-unavailable"
    assert "token-in-here" not in everything.text + "".join(app.lines + app.lost)


def test_requests_puts_an_illegal_key_into_its_exception() -> None:
    """With requests alone, an exception shows the key; the next test shows that the function does not."""
    with pytest.raises(requests.exceptions.InvalidHeader, match="hunter2"):
        requests.get("https://127.0.0.1", headers={"Authorization": "Bearer id:hunter2\nx"}, timeout=1)


async def test_an_illegal_key_is_refused_before_it_is_used(
    load: Load, services: SimulatedServices, everything: pytest.LogCaptureFixture
) -> None:
    """A key with a line break is an unusable secret, and is not shown."""
    services.key_vault.set_secret("arr-account-key", "hunter2\nhunter3")
    app = await load()
    response = await app.get()
    assert response.code == "account-key-unavailable"
    assert not services.sts.faults.calls
    assert "hunter" not in everything.text + str(response.json) + "".join(app.lines + app.lost)
