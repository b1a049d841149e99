"""infra/entra.py, with a simulated az that records its calls."""

import copy
import importlib
from typing import Any

import pytest

API, CLIENT = "api-id", "client-id"


class _Az:
    """Entra as az shows it; records each call with its JSON."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.known: dict[str, str] = {}

    def __call__(self, *arguments: str, body: Any = None) -> str:
        command = " ".join(arguments)
        self.calls.append((command, copy.deepcopy(body)))
        for start, response in self.known.items():
            if start in command:
                return response
        if command.startswith("ad app create"):
            return CLIENT if "GetArrToken app" in command else API
        return "made-up" if "--query id " in command else ""

    def bodies(self, word: str) -> list[Any]:
        return [body for command, body in self.calls if word in command and body is not None]

    def made(self) -> list[str]:
        return [command for command, _ in self.calls if " create " in command or "POST" in command]


@pytest.fixture
def az() -> _Az:
    return _Az()


@pytest.fixture
def entra(az: _Az, monkeypatch: pytest.MonkeyPatch) -> Any:
    module = importlib.import_module("infra.entra")
    monkeypatch.setattr(module, "az", az)
    return module


def test_the_function_exposes_its_role_and_its_scope(entra: Any, az: _Az, capsys: pytest.CaptureFixture[str]) -> None:
    """Users can get the role, and the app on the headset needs neither a secret nor consent for the scope."""
    entra.main(["register", "prod"])
    (roles,) = az.bodies("--app-roles")
    assert [(role["value"], role["allowedMemberTypes"], role["isEnabled"]) for role in roles] == [
        ("ArrUser", ["User"], True)
    ]
    first, second = (body["api"] for body in az.bodies("PATCH"))
    (scope,) = second["oauth2PermissionScopes"]
    assert (scope["value"], second["requestedAccessTokenVersion"]) == ("access_as_user", 2)
    assert second["preAuthorizedApplications"] == [{"appId": CLIENT, "delegatedPermissionIds": [scope["id"]]}]
    assert first == {name: value for name, value in second.items() if name != "preAuthorizedApplications"}
    assert capsys.readouterr().out == f"SIGN_IN_CLIENT_ID={API}\nSIGN_IN_APP_CLIENT_ID={CLIENT}\n"


def test_a_second_run_changes_what_it_finds(entra: Any, az: _Az) -> None:
    """A second run keeps the ids of role and scope, and creates no second service principal."""
    entra.main(["register", "prod"])
    first, principals = az.bodies(""), [command for command in az.made() if "ad sp create" in command]
    az.calls.clear()
    az.known["ad sp list"] = "principal"
    entra.main(["register", "prod"])
    assert (az.bodies(""), len(principals)) == (first, 2)
    assert not [command for command in az.made() if "ad sp create" in command]


def test_two_deployments_do_not_share_a_registration(entra: Any, az: _Az) -> None:
    """Each deployment has registrations with its own name."""
    entra.main(["register", "prod"])
    entra.main(["register", "test"])
    called = {command.split(" --query ")[0].split("--display-name ")[1] for command in az.made() if "ad app" in command}
    assert called == {f"GetArrToken {app}{name}" for app in ("", "app ") for name in ("prod", "test")}


def test_a_user_gets_the_role_once(entra: Any, az: _Az) -> None:
    """A user gets the role, Entra refuses everyone else, and a second run assigns nothing."""
    az.known = {"ad app list": API, "ad user show": "user-id"}
    entra.main(["assign", "prod", "someone@example.com"])
    assert f"ad sp update --id {API} --set appRoleAssignmentRequired=true" in [command for command, _ in az.calls]
    (assignment,) = az.bodies("POST")
    assert assignment == {"principalId": "user-id", "resourceId": "made-up", "appRoleId": entra.ROLE_ID}
    az.calls.clear()
    az.known["rest --url"] = "another-id\nuser-id"
    entra.main(["assign", "prod", "someone@example.com"])
    assert az.bodies("POST") == []


@pytest.mark.parametrize("found", ["", "one\ntwo"])
def test_nothing_is_guessed(entra: Any, az: _Az, found: str) -> None:
    """Without a registration, or with two of the same name, the command stops and names the reason."""
    az.known = {"ad app list": found}
    with pytest.raises(SystemExit) as ended:
        entra.main(["assign", "prod", "someone@example.com"])
    assert "registrations are called 'GetArrToken prod'" in str(ended.value)


@pytest.mark.parametrize(("known", "change"), [("", "create"), ("production", "update")])
def test_github_is_trusted_by_its_subject(entra: Any, az: _Az, known: str, change: str) -> None:
    """Only one environment of one repository can publish; a wrong subject is replaced."""
    az.known = {"federated-credential list": known}
    subject = "repo:owner@1/repository@2:environment:production"
    entra.main(["trust", "prod", subject])
    (credential,) = az.bodies("federated-credential")
    assert (credential["subject"], credential["audiences"]) == (subject, ["api://AzureADTokenExchange"])
    assert [command for command, _ in az.calls if f"federated-credential {change}" in command]
