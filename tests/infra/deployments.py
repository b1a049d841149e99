"""The four deployments of the tests, and their snapshots, which Bicep computes without Azure.

``python -m tests.infra.deployments`` writes the snapshots anew; a review sees in them what a change deploys.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

type Resource = dict[str, Any]

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
SNAPSHOTS = Path(__file__).with_name("snapshots")
BICEP = shutil.which("bicep")

NEEDED = {
    "ARR_ACCOUNT_ID": "35d830cb-f062-4062-9792-d6316039df56",
    "ARR_ACCOUNT_DOMAIN": "westeurope.mixedreality.azure.com",
    "ALERT_EMAIL": "operators@example.com",
}
FUNCTION_ID, HEADSET_ID = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
DEFAULT = NEEDED | {"SIGN_IN_CLIENT_ID": FUNCTION_ID, "SIGN_IN_APP_CLIENT_ID": HEADSET_ID}
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-arr-token/providers/"
SUBNET = f"{GROUP}Microsoft.Network/virtualNetworks/vnet-arr-token/subnets/app"
KEY_SETTER = "44444444-4444-4444-8444-444444444444"

#: The environment variables for infra/main.bicepparam, by deployment.
ENVIRONMENTS: dict[str, dict[str, str]] = {
    "default": DEFAULT,
    "keyless": NEEDED | {"ARR_CREDENTIAL": "managed-identity", "SIGN_IN": "false"},
    "closed-network": DEFAULT
    | {"SUBNET_ID": SUBNET, "VAULT_PUBLIC_NETWORK_ACCESS": "disabled", "AZURE_PRINCIPAL_ID": KEY_SETTER},
    "everything": {},  # its parameter file sets every parameter
}
NETWORK = "network"  # infra/network.bicep, deployed on its own


class Deployment:
    """The resources sent to Azure. Ids lack subscription and group; ``[a/b.c]`` is property c of the created a/b."""

    def __init__(self, name: str) -> None:
        text = (SNAPSHOTS / f"{name}.snapshot.json").read_text(encoding="utf-8").replace(GROUP, "")
        snapshot = json.loads(re.sub(r"reference\('([^']*)', '[^']*'\)", r"\1", text))
        self.resources: list[Resource] = snapshot["predictedResources"]
        self.outputs: dict[str, str] = snapshot["outputs"]

    def of_type(self, kind: str) -> list[Resource]:
        return [one for one in self.resources if one["type"] == f"Microsoft.{kind}"]

    def one(self, kind: str, name: str = "") -> Resource:
        """Return the only resource of the type whose name ends so."""
        (found,) = (one for one in self.of_type(kind) if one["name"].endswith(name))
        return found

    def app_settings(self) -> dict[str, str]:
        settings = self.one("Web/sites")["properties"]["siteConfig"]["appSettings"]
        return {setting["name"]: setting["value"] for setting in settings}


DEPLOYMENTS = {name: Deployment(name) for name in ENVIRONMENTS if (SNAPSHOTS / f"{name}.snapshot.json").is_file()}


def bicep(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run Bicep with only the given environment."""
    assert BICEP
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "TEMP", "TMP", "USERPROFILE", "SYSTEMROOT")
        if name in os.environ
    }
    return subprocess.run(  # noqa: S603  # our own command
        [BICEP, *arguments], env=kept | dict(environment or {}), capture_output=True, text=True, check=False
    )


def snapshot(name: str, mode: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Compute a deployment; in mode ``validate`` the exit status tells whether its snapshot is up to date."""
    where = ("--subscription-id", SUBSCRIPTION.rpartition("/")[2], "--resource-group", "rg-arr-token")
    return bicep(
        "snapshot",
        SNAPSHOTS / f"{name}.bicepparam",
        "--mode",
        mode,
        *where,
        "--location",
        "westeurope",
        environment=ENVIRONMENTS.get(name) if environment is None else environment,
    )


if __name__ == "__main__":
    if not BICEP:
        sys.exit("bicep is not on PATH: https://learn.microsoft.com/azure/azure-resource-manager/bicep/install")
    failed = [result.stderr for name in (*ENVIRONMENTS, NETWORK) if (result := snapshot(name, "overwrite")).returncode]
    sys.exit("".join(failed) or None)
