"""The usual sample: it makes every client anew for each request, like most published functions of this kind."""

import base64
import json
import os
import uuid

import azure.functions as func
import requests
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient


def main(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  # the name of the binding
    """Respond to one request."""
    account = os.environ["ARR_ACCOUNT_ID"]
    client = SecretClient(os.environ["KEY_VAULT_URL"], ManagedIdentityCredential())
    key = client.get_secret("arr-account-key").value
    response = requests.get(
        f"{os.environ['ARR_STS_URL']}/accounts/{account}/token",
        headers={
            "Authorization": f"Bearer {account}:{key}",
            "X-MRC-CV": base64.b64encode(uuid.uuid4().bytes)[:22].decode(),
        },
        timeout=10,
    )
    response.raise_for_status()
    body = {"AccessToken": response.json()["AccessToken"], "MsCv": response.headers["MS-CV"]}
    return func.HttpResponse(json.dumps(body), mimetype="application/json")
