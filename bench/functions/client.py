"""Microsoft's own client for the STS. Client and key are kept, and each request makes one STS call."""

import json
import os

import azure.functions as func
from azure.core.credentials import AzureKeyCredential
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient
from azure.mixedreality.authentication import MixedRealityStsClient

_KEY = SecretClient(os.environ["KEY_VAULT_URL"], ManagedIdentityCredential()).get_secret("arr-account-key").value
_CLIENT = MixedRealityStsClient(
    os.environ["ARR_ACCOUNT_ID"],
    os.environ["ARR_ACCOUNT_DOMAIN"],
    AzureKeyCredential(_KEY or ""),
    custom_endpoint_url=os.environ["ARR_STS_URL"],
)


def main(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  # the name of the binding
    """Respond to one request."""
    token = _CLIENT.get_token()
    body = {"AccessToken": token.token, "ExpiresOn": token.expires_on}
    return func.HttpResponse(json.dumps(body), mimetype="application/json")
