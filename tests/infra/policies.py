"""Checks the four deployments with checkov: each finding is fixed, or is named here with the reason.

``python -m tests.infra.policies``, where checkov is on PATH. It can't read a compiled template with nested modules, so
it gets the snapshots, in which everything is worked out.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.infra.deployments import ENVIRONMENTS, SNAPSHOTS

_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_OTHER_RESOURCE = "checkov takes the sign-in configuration (sites/config) for a whole web app"
REASONS = {
    "CKV_AZURE_13": _OTHER_RESOURCE,
    "CKV_AZURE_17": "callers are headsets: they sign in with Entra and have no client certificate",
    "CKV_AZURE_35": "host and publishing reach the account by its public name; keys are off, roles decide",
    "CKV_AZURE_36": "needs CKV_AZURE_35",
    "CKV_AZURE_63": _OTHER_RESOURCE,
    "CKV_AZURE_65": _OTHER_RESOURCE,
    "CKV_AZURE_66": _OTHER_RESOURCE,
    "CKV_AZURE_80": _OTHER_RESOURCE,
    "CKV_AZURE_88": _OTHER_RESOURCE,
    "CKV_AZURE_109": "roles decide; vaultPublicNetworkAccess closes the vault altogether",
    "CKV_AZURE_189": "a parameter: a vault without a public name needs a network, which not everyone has",
    "CKV_AZURE_206": "the account holds the package and function keys: a publish makes them anew",
    "CKV_AZURE_212": "alwaysReadyInstances, which cost money while nobody calls",
    "CKV_AZURE_213": "Flex Consumption has no health check path; an availability test asks instead",
    "CKV_AZURE_222": "headsets call from the internet",
    "CKV_AZURE_225": "an instance elsewhere fetches a token of its own within a second",
}


def findings(folder: Path) -> set[str]:
    """Return the ids of the checks that fail on any deployment."""
    failed = set()
    for name in ENVIRONMENTS:
        resources = json.loads((SNAPSHOTS / f"{name}.snapshot.json").read_text(encoding="utf-8"))["predictedResources"]
        template = {"$schema": _SCHEMA, "contentVersion": "1.0.0.0", "resources": resources}
        file = folder / f"{name}.json"
        file.write_text(json.dumps(template), encoding="utf-8")
        command = ["checkov", "--skip-download", "--framework", "arm", "--file", str(file), "--output", "json"]
        checked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own command
        report = json.loads(checked.stdout)
        if report["summary"]["parsing_errors"] or not report["summary"]["resource_count"]:
            sys.exit(f"checkov could not read {name}: {checked.stderr}")
        failed |= {check["check_id"] for check in report["results"]["failed_checks"]}
    return failed


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        found = findings(Path(folder))
    new, old = sorted(found - REASONS.keys()), sorted(REASONS.keys() - found)
    if new or old:
        sys.exit(f"policies: neither fixed nor accepted: {new}; named here, but no longer found: {old}")
    print(f"policies: {len(found)} findings of checkov, each with a reason")  # noqa: T201  # it is a command
