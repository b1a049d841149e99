"""Azure's SDK for JavaScript as a client: it shares no code with the simulated services."""

import json
import os
import subprocess
from pathlib import Path

from local.services.simulated_services import SimulatedServices
from tests.local.npm import install, needs_npm


@needs_npm
def test_it_reads_the_account_key(services: SimulatedServices, tmp_path: Path) -> None:
    """The SDK accepts the identity's token, the challenge, a secret, and the error for a missing secret."""
    folder = install(Path(__file__).with_name("javascript"), tmp_path / "javascript")
    settings = services.environment()
    run = subprocess.run(  # noqa: S603  # our own program
        ["node", "read_secrets.js", f"https://vault.localhost:{services.key_vault.port}", "arr-account-key", "other"],  # noqa: S607  # as npm finds it
        cwd=folder,
        env={**os.environ, **settings, "NODE_EXTRA_CA_CERTS": settings["REQUESTS_CA_BUNDLE"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert [json.loads(line) for line in run.stdout.splitlines()] == [
        {"value": services.account.keys["primary"]},
        {"status": 404, "code": "SecretNotFound"},
    ]
    assert [call.status for call in services.key_vault.faults.calls] == [401, 200, 404]
    assert [call.query["resource"] for call in services.identity.faults.calls] == [
        f"https://localhost:{services.key_vault.port}"
    ]
