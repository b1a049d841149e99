"""What the first exchange of a process imports, and on which thread."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.services.simulated_services import SimulatedServices
from tests.environment import without_ours

_ROOT = Path(__file__).parents[3]
_SDKS = {"azure.identity", "azure.keyvault.secrets"}
_FOR_CERTIFICATES = ("cryptography.x509.", "cryptography.hazmat.primitives.serialization.")
_FIRST_EXCHANGE = """
import json, os, sys, threading
from shared.clock import system_clock
from shared.settings import read_settings
from shared.tokens.exchange import Exchange
from shared.upstreams.token_source import TokenSource
from tests import function_threads

importers = {}

class Recorder:
    def find_spec(self, name, path=None, target=None):
        importers[name] = threading.current_thread().name

sys.meta_path.insert(0, Recorder())
token = TokenSource(read_settings(os.environ), system_clock).issue(Exchange("load", 20, system_clock))
assert function_threads.end(within_s=20)
result = {"issued": bool(token.value), "importers": dict(importers)}
from cryptography import x509
with open(os.environ["REQUESTS_CA_BUNDLE"], "rb") as file:
    result["certificates"] = len(x509.load_pem_x509_certificates(file.read()))
print(json.dumps(result))
"""


@pytest.mark.parametrize(
    ("settings", "sdks"),
    [
        pytest.param({}, _SDKS, id="account key"),
        pytest.param({"ARR_CREDENTIAL": "managed-identity"}, {"azure.identity"}, id="keyless"),
    ],
)
def test_the_first_exchange_imports_only_what_it_needs_and_on_another_thread(
    services: SimulatedServices, settings: dict[str, str], sdks: set[str]
) -> None:
    """A cold start is short: SDKs are imported while connections open, and what only certificates need is not."""
    environ = without_ours(os.environ) | services.environment() | settings
    output = subprocess.check_output([sys.executable, "-c", _FIRST_EXCHANGE], cwd=_ROOT, env=environ, text=True)  # noqa: S603  # our own command
    result = json.loads(output)
    assert result["issued"]
    assert result["certificates"]
    importers = result["importers"]
    assert {name: importers[name] for name in _SDKS & importers.keys()} == dict.fromkeys(sdks, "arr-token-imports")
    assert [name for name in importers if name.startswith(_FOR_CERTIFICATES)] == []
