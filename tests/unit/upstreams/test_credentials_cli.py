"""The developer's Azure CLI sign-in, with small shell scripts for az."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.services.simulated_services import SimulatedServices
from shared.errors import ArrTokenError, IdentityNotAssigned, UpstreamTimeout
from shared.upstreams.credentials import AzureCli
from tests.unit.support import FakeClock
from tests.unit.upstreams.harness import ExchangeHarness, failure_of

_SCOPE = "https://vault.azure.net/.default"
_TOKEN = "ey.hunter2.x"

type Install = Callable[[str], None]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows runs no shell scripts")


@pytest.fixture
def az(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Install:
    """Put a shell script on the otherwise empty PATH as az; its arguments go to the file args."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def install(script: str) -> None:
        path = tmp_path / "az"
        path.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/args\n{script}\n')
        path.chmod(0o755)

    return install


def _printing(**fields: object) -> str:
    text = json.dumps({"accessToken": _TOKEN, "expires_on": 4102444800, "tokenType": "Bearer"} | fields)
    return f"echo '{text}'"


def _failure(limit_s: float = 5) -> ArrTokenError:
    with ExchangeHarness(limit_s) as harness:
        failure = failure_of(lambda: AzureCli(harness.connections).get_token_info(_SCOPE))
        assert failure.upstream == harness.exchange.progress.upstream == "identity"
    return failure


@pytest.mark.parametrize(
    "fields", [{}, {"expires_on": "4102444800"}, {"expiresOn": "2099-12-31 23:59:59.000000", "other": [1]}]
)
def test_the_sign_in_gives_a_token(az: Install, tmp_path: Path, fields: dict[str, object]) -> None:
    """The CLI runs once, for the scope's resource, and in the tenant that a vault names."""
    az(_printing(**fields))
    with ExchangeHarness() as harness:
        cli = AzureCli(harness.connections)
        assert cli.get_token_info(_SCOPE).token == _TOKEN
        cli.get_token_info(_SCOPE, options={"tenant_id": "contoso"})
    plain, tenants = (tmp_path / "args").read_text().splitlines()
    assert "--resource https://vault.azure.net" in plain
    assert tenants.endswith("--tenant contoso")


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("echo rubbish hunter2", id="rubbish"),
        pytest.param(":", id="nothing"),
        pytest.param("echo []", id="a list"),
        pytest.param("echo null", id="null"),
        pytest.param("echo {}", id="no token"),
        pytest.param(_printing(accessToken=None), id="null for a token"),
        pytest.param(_printing(accessToken=""), id="an empty token"),
        pytest.param(_printing(accessToken="hunter2 hunter2"), id="a token with white space"),
        pytest.param(_printing(expires_on=None), id="null for an end"),
        pytest.param(_printing(expires_on="hunter2"), id="an end that can't be read"),
        pytest.param("printf '\\377\\376'", id="not UTF-8"),
        pytest.param("echo \"Please run 'az login' to setup account.\" >&2; exit 1", id="not signed in"),
        pytest.param("echo 'AADSTS50173: hunter2 az login' >&2; exit 1", id="a sign-in that has ended"),
        pytest.param(f"echo 'ERROR: {_TOKEN}' >&2; exit 1", id="an error with a token in it"),
        pytest.param("exit 1", id="exit without a word"),
        pytest.param("exit 127", id="az without its Python"),
        pytest.param("kill -9 $$", id="killed"),
    ],
)
def test_a_cli_without_a_token_is_no_identity(az: Install, script: str) -> None:
    """If the CLI prints no token, the developer is not signed in; the error has none of its output."""
    az(script)
    failure = _failure()
    assert isinstance(failure, IdentityNotAssigned)
    assert (failure.kind, failure.upstream_status) == ("azure-cli", None)


@pytest.mark.usefixtures("az")
def test_without_a_cli_there_is_no_identity() -> None:
    """Without the CLI a developer gets the same error as without a sign-in."""
    assert isinstance(_failure(), IdentityNotAssigned)


def test_a_cli_that_cannot_be_run_is_no_identity(az: Install, tmp_path: Path) -> None:
    """A broken installation is reported like a missing sign-in."""
    az(":")
    (tmp_path / "az").write_text("#!/no/such/interpreter\n")
    assert isinstance(_failure(), IdentityNotAssigned)


@pytest.mark.parametrize("script", ["exec /bin/sleep 3", "/bin/sleep 3"], ids=["itself", "its child"])
def test_a_hanging_cli_ends_with_the_exchange(az: Install, script: str) -> None:
    """A hanging CLI and its children end with the exchange's time, in whole seconds rounded up."""
    az(script)
    began = time.monotonic()
    failure = _failure(limit_s=0.4)
    assert (type(failure), failure.kind) == (UpstreamTimeout, "timeout")
    assert time.monotonic() - began < 2


def test_after_the_deadline_the_cli_has_no_time_at_all(az: Install) -> None:
    """An exchange that is over does not wait for a sign-in."""
    az("exec /bin/sleep 3")
    clock = FakeClock()
    with ExchangeHarness(1, clock) as harness:
        clock.tick(2)
        began = time.monotonic()
        failure = failure_of(lambda: AzureCli(harness.connections).get_token_info(_SCOPE))
        assert isinstance(failure, UpstreamTimeout)
    assert time.monotonic() - began < 1


def test_no_identity_endpoint_is_called(az: Install, services: SimulatedServices) -> None:
    """With a developer's sign-in, no call of the identity endpoint is made."""
    az(_printing())
    with ExchangeHarness() as harness:
        AzureCli(harness.connections).get_token_info(_SCOPE)
    assert services.identity.faults.count == 0
