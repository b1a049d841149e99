"""Sets up a deployment in Entra with the Azure CLI. Every command can run again: it updates an existing object.

python infra/entra.py register <deployment>            the registrations of the function and of the app on the headset
python infra/entra.py assign <deployment> <user>       gives a user the role ArrUser
python infra/entra.py trust <deployment> <subject>     lets a GitHub environment publish
python infra/entra.py token <deployment>               signs a user in, as the app does, and prints the Entra token

``token`` opens the browser; with ``--device-code`` it shows a code to type on another device, as a headset does, which
Conditional Access policies often block. It needs ``pip install msal``.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# Fixed, so that a second run finds the same role and scope; they only have to be unique within one registration.
ROLE_ID = "6a1c0f3e-6f0e-4c5b-9a4b-6a1d7a5b2f01"
SCOPE_ID = "6a1c0f3e-6f0e-4c5b-9a4b-6a1d7a5b2f02"
ROLE = {
    "id": ROLE_ID,
    "allowedMemberTypes": ["User"],
    "displayName": "ARR user",
    "description": "Gets Azure Remote Rendering tokens",
    "isEnabled": True,
    "value": "ArrUser",
}
SCOPE = {
    "id": SCOPE_ID,
    "value": "access_as_user",
    "type": "User",
    "isEnabled": True,
    "adminConsentDisplayName": "Get ARR tokens",
    "adminConsentDescription": "Get Azure Remote Rendering tokens as the signed-in user",
}
GRAPH = "https://graph.microsoft.com/v1.0"


def az(*arguments: str, body: Any = None) -> str:
    """Run az and return its output; ``body`` is passed in a file, because shells on Windows change quotes."""
    command = [shutil.which("az") or "az", *arguments]
    with tempfile.TemporaryDirectory() as folder:
        if body is not None:
            file = Path(folder) / "body.json"
            file.write_text(json.dumps(body), encoding="utf-8")
            command.append(f"@{file}")
        ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603  # az itself
    if ended.returncode:
        sys.exit(ended.returncode)  # az has printed the reason
    return ended.stdout.strip()


def app_id(name: str) -> str:
    """Return the client id of the only registration with that name."""
    found = az("ad", "app", "list", "--filter", f"displayName eq '{name}'", "--query", "[].appId", "--output", "tsv")
    if len(found.split()) != 1:
        sys.exit(f"entra: {len(found.split())} registrations are called {name!r}, one is needed: register first")
    return found


def made(name: str, *options: str, body: Any = None) -> str:
    """Create a registration and its service principal, or update the existing one; return the client id."""
    create = ("ad", "app", "create", "--display-name", name, "--query", "appId", "--output", "tsv")
    made_id = az(*create, *options, body=body)
    known = az("ad", "sp", "list", "--filter", f"appId eq '{made_id}'", "--query", "[].id", "--output", "tsv")
    if not known:
        az("ad", "sp", "create", "--id", made_id, "--output", "none")
    return made_id


def register(deployment: str) -> None:
    """Create both registrations; print their ids as parameters of the deployment."""
    # App Service expects issuer and audience of version 2 tokens.
    own = ("--sign-in-audience", "AzureADMyOrg", "--requested-access-token-version", "2", "--app-roles")
    api = made(f"GetArrToken {deployment}", *own, body=[ROLE])
    public = ("--sign-in-audience", "AzureADMyOrg", "--is-fallback-public-client", "true")
    client = made(f"GetArrToken app {deployment}", *public, "--public-client-redirect-uris", "http://localhost")
    az("ad", "app", "update", "--id", api, "--identifier-uris", f"api://{api}")
    application = f"{GRAPH}/applications/{az('ad', 'app', 'show', '--id', api, '--query', 'id', '--output', 'tsv')}"
    exposed: dict[str, Any] = {"requestedAccessTokenVersion": 2, "oauth2PermissionScopes": [SCOPE]}
    # Two steps: an app can be pre-authorized only for a scope that exists.
    az("rest", "--method", "PATCH", "--url", application, "--body", body={"api": exposed})
    exposed["preAuthorizedApplications"] = [{"appId": client, "delegatedPermissionIds": [SCOPE_ID]}]
    az("rest", "--method", "PATCH", "--url", application, "--body", body={"api": exposed})
    print(f"SIGN_IN_CLIENT_ID={api}\nSIGN_IN_APP_CLIENT_ID={client}")


def assign(deployment: str, user: str) -> None:
    """Give a user the role, and have Entra refuse a token to everyone who is not assigned."""
    api = app_id(f"GetArrToken {deployment}")
    az("ad", "sp", "update", "--id", api, "--set", "appRoleAssignmentRequired=true")
    principal = az("ad", "sp", "show", "--id", api, "--query", "id", "--output", "tsv")
    user_id = az("ad", "user", "show", "--id", user, "--query", "id", "--output", "tsv")
    assigned = f"{GRAPH}/servicePrincipals/{principal}/appRoleAssignedTo"
    known = az("rest", "--url", assigned, "--query", "value[].principalId", "--output", "tsv")
    if user_id not in known.split():
        assignment = {"principalId": user_id, "resourceId": principal, "appRoleId": ROLE_ID}
        az("rest", "--method", "POST", "--url", assigned, "--output", "none", "--body", body=assignment)


def trust(deployment: str, subject: str) -> None:
    """Create the registration of the release job; print its client id."""
    release = made(f"GetArrToken release {deployment}")
    credential = {
        "name": "production",
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": subject,
        "audiences": ["api://AzureADTokenExchange"],
    }
    of_release = ("ad", "app", "federated-credential")
    known = az(*of_release, "list", "--id", release, "--query", "[].name", "--output", "tsv")
    change = ("update", "--federated-credential-id", "production") if "production" in known.split() else ("create",)
    az(*of_release, *change, "--id", release, "--output", "none", "--parameters", body=credential)
    print(f"AZURE_CLIENT_ID={release}")


def token(deployment: str, *, device_code: bool) -> None:
    """Sign a user in and print the Entra token for the function."""
    import msal  # the other commands do not need it

    tenant = az("account", "show", "--query", "tenantId", "--output", "tsv")
    scopes = [f"api://{app_id(f'GetArrToken {deployment}')}/access_as_user"]
    authority = f"https://login.microsoftonline.com/{tenant}"
    app = msal.PublicClientApplication(app_id(f"GetArrToken app {deployment}"), authority=authority)
    if device_code:
        flow = app.initiate_device_flow(scopes)
        print(flow.get("message") or flow.get("error_description"), file=sys.stderr)
        answer = app.acquire_token_by_device_flow(flow)
    else:
        answer = app.acquire_token_interactive(scopes)
    if "access_token" not in answer:
        sys.exit(f"entra: {answer.get('error_description')}")
    print(answer["access_token"])


def main(arguments: Sequence[str]) -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for command, own in (("register", ""), ("assign", "user"), ("trust", "subject"), ("token", "--device-code")):
        one = commands.add_parser(command)
        one.add_argument("deployment")
        if own.startswith("--"):
            one.add_argument(own, action="store_true")
        elif own:
            one.add_argument(own)
    given = vars(parser.parse_args(arguments))
    run: dict[str, Callable[..., None]] = {"register": register, "assign": assign, "trust": trust, "token": token}
    run[given.pop("command")](**given)


if __name__ == "__main__":
    main(sys.argv[1:])
