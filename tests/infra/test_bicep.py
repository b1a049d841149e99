"""infra/ through Microsoft's Bicep, where it is installed."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from shared.errors import Misconfigured
from shared.settings import read_settings
from tests.infra.deployments import BICEP, DEFAULT, ENVIRONMENTS, INFRA, NETWORK, SNAPSHOTS, bicep, snapshot
from tests.test_documents import NEEDED as NEEDED_SETTINGS

pytestmark = pytest.mark.skipif(BICEP is None, reason="no bicep on PATH")
FILES = sorted([*INFRA.glob("*.bicep"), *INFRA.glob("*.bicepparam"), *SNAPSHOTS.glob("*.bicepparam")])
BOUND_SETTINGS = ("ARR_REFRESH_AFTER_SECONDS", "ARR_MIN_VALIDITY_SECONDS", "ARR_MAX_WAIT_SECONDS")


@pytest.mark.parametrize("name", [*ENVIRONMENTS, NETWORK])
def test_a_snapshot_is_what_the_templates_deploy(name: str) -> None:
    """A review sees each change in Azure: the snapshots are up to date (python -m tests.infra.deployments)."""
    validated = snapshot(name, "validate")
    assert (validated.returncode, validated.stderr) == (0, ""), validated.stdout


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_a_template_is_formatted(file: Path) -> None:
    """`bicep format` changes nothing."""
    assert bicep("format", file, "--stdout").stdout == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", ["main.bicep", "network.bicep"])
def test_the_linter_has_nothing_to_say(file: str) -> None:
    """Bicep reports neither an error nor a warning for any template."""
    linted = bicep("lint", INFRA / file)
    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, ["ARR_ACCOUNT_ID", "ARR_ACCOUNT_DOMAIN", "ALERT_EMAIL"]),
        (DEFAULT | {"ARR_CREDENTIAL": "password"}, ["arrCredential", "'account-key' | 'managed-identity'"]),
        (DEFAULT | {"SIGN_IN": "ja"}, ['"signIn"']),
        (DEFAULT | {"SIGN_IN_CLIENT_ID": ""}, ["clientId"]),
        (DEFAULT | {"SIGN_IN_APP_CLIENT_ID": ""}, ["clientApplications"]),
    ],
    ids=["nothing is set", "a credential that there is not", "ja", "no registration", "no app that may call"],
)
def test_a_wrong_variable_stops_the_deployment(environment: dict[str, str], words: list[str]) -> None:
    """Each wrong or missing variable is named before anything is created."""
    refused = snapshot("default", "validate", environment)
    assert refused.returncode != 0
    assert [word for word in words if word not in refused.stderr + refused.stdout] == []


@pytest.mark.parametrize("name", ["arr_token", "-arr", "arr-", "a b", "arr.token"])
def test_a_name_that_a_resource_refuses_stops_the_deployment(name: str, tmp_path: Path) -> None:
    """A name that the workspace does not accept is reported before anything is created."""
    parameters = tmp_path / "name.bicepparam"
    main = os.path.relpath(INFRA / "main.bicep", tmp_path).replace(os.sep, "/")
    given = f"using '{main}'\nparam arrAccountId = '{DEFAULT['ARR_ACCOUNT_ID']}'\n"
    parameters.write_text(f"{given}param alertEmail = 'a@example.com'\nparam signIn = false\nparam name = '{name}'\n")
    refused = bicep("snapshot", parameters, "--subscription-id", "s", "--resource-group", "g", "--location", "l")
    assert refused.returncode != 0
    assert "the parameter name may contain" in refused.stderr


def _parameters() -> dict[str, Any]:
    template: dict[str, Any] = json.loads(bicep("build", INFRA / "main.bicep", "--stdout").stdout)
    return {name.lower(): declared for name, declared in template["parameters"].items()}


@pytest.mark.parametrize("setting", BOUND_SETTINGS)
def test_seconds_have_the_functions_bounds(setting: str) -> None:
    """A deployment accepts exactly those numbers of seconds that the function accepts."""
    declared = _parameters()[setting.replace("_", "").lower()]
    least, most = declared["minValue"], declared["maxValue"]
    settings = NEEDED_SETTINGS | {"ARR_MIN_VALIDITY_SECONDS": "0", "ARR_REFRESH_AFTER_SECONDS": "1"}
    together = 78545  # seconds: above it, 1.1 times the age of a refresh would be more than a token's life
    for value in (least, min(most, together)):
        assert read_settings(settings | {setting: str(value)})
    for value in (least - 1, most + 1):
        with pytest.raises(Misconfigured):
            read_settings(settings | {setting: str(value)})


def test_no_parameter_is_for_a_secret() -> None:
    """An operator never has to pass a secret to a deployment."""
    parameters = _parameters()
    assert {name for name, declared in parameters.items() if "defaultValue" not in declared} == {
        "arraccountid",
        "alertemail",
    }
    assert not [name for name, declared in parameters.items() if declared["type"].lower().startswith("secure")]
