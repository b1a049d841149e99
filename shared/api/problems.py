"""Failures as problem documents (RFC 9457): a title and what to do next. Fixed text, never an upstream's."""

import json
from typing import Final

import azure.functions as func

from shared.api.response import CONTENT_TYPE, Response
from shared.errors import (
    AccountKeyRejected,
    ArrTokenError,
    IdentityRejected,
    Misconfigured,
    StsRejectedRequest,
    Unauthenticated,
)

_PROBLEM: Final = "application/problem+json"
_REFUSALS: Final = (AccountKeyRejected, IdentityRejected, StsRejectedRequest)

_TRY_AGAIN: Final = "Try again after Retry-After seconds."
_CHECK_ACCOUNT: Final = (
    "check ARR_ACCOUNT_DOMAIN (the account's Overview in the Azure portal shows it; a wrong region is the most "
    "frequent mistake) and ARR_ACCOUNT_ID"
)
_STILL_EXISTS: Final = "whether the service still exists (Microsoft retired the public one on 2025-09-30)"
_NOT_THE_STS: Final = (
    f" The refusal has no MS-CV, so something other than the STS may have answered: check {_STILL_EXISTS}."
)

_TEXTS: Final = {
    "invalid-request": (
        "The request is not valid",
        "minValidity must be a whole number of seconds from 0 to 82800.",
    ),
    "unauthenticated": (
        "Sign-in required",
        "Sign in with Microsoft Entra ID and send its access token as Authorization: Bearer.",
    ),
    "forbidden": (
        "Role required",
        "The signed-in user lacks the app role that this function requires; ask its operator to assign it.",
    ),
    "misconfigured": (
        "Application settings are missing or invalid",
        "Correct these application settings",
    ),
    "identity-not-assigned": (
        "No managed identity",
        (
            "In Azure, assign a managed identity to the function app (and set AZURE_CLIENT_ID for a user-assigned "
            "one); on a developer's machine, sign in with az login."
        ),
    ),
    "account-key-unavailable": (
        "The account key can't be read from Key Vault",
        (
            "Check KEY_VAULT_URL and ARR_ACCOUNT_KEY_SECRETS, that the secret exists, is enabled and holds the account "
            "key, and that the managed identity has the role Key Vault Secrets User."
        ),
    ),
    "account-key-rejected": (
        "The STS refused the account key",
        f"Store the account's current key in Key Vault, and {_CHECK_ACCOUNT}.",
    ),
    "identity-rejected": (
        "The STS refused the managed identity",
        (
            "Assign the identity a Remote Rendering role on the account (or set ARR_CREDENTIAL to account-key and "
            f"check the key), and {_CHECK_ACCOUNT}."
        ),
    ),
    "sts-rejected-request": (
        "The STS refused the request",
        f"Most often the account is not known there: {_CHECK_ACCOUNT}, and the account key.",
    ),
    "sts-invalid-response": (
        "The STS gave no usable token",
        (
            "What responds at the STS's address does not speak its contract: check ARR_ACCOUNT_DOMAIN and ARR_STS_URL, "
            f"and {_STILL_EXISTS}."
        ),
    ),
    "internal-error": (
        "Internal error",
        "Report the requestId to the operator: the function's log names the place.",
    ),
    "identity-unavailable": (
        "The managed identity endpoint is unavailable",
        _TRY_AGAIN,
    ),
    "key-vault-unavailable": (
        "Key Vault is unavailable",
        f"{_TRY_AGAIN} If this persists, check KEY_VAULT_URL and the network to the vault.",
    ),
    "sts-throttled": (
        "The STS is throttling",
        _TRY_AGAIN,
    ),
    "sts-unavailable": (
        "The STS is unavailable",
        (f"{_TRY_AGAIN} If this persists, check ARR_ACCOUNT_DOMAIN and ARR_STS_URL, and {_STILL_EXISTS}."),
    ),
    "upstream-timeout": (
        "An upstream service did not answer in time",
        _TRY_AGAIN,
    ),
}


def problem_response(error: ArrTokenError, request_id: str, retry_after_s: int | None = None) -> func.HttpResponse:
    """Return the failure as application/problem+json, with ``Retry-After`` in seconds if there is one."""
    headers = {
        CONTENT_TYPE: _PROBLEM,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "x-ms-request-id": request_id,
    }
    if error.ms_cv is not None:
        headers["MS-CV"] = error.ms_cv
    if retry_after_s is not None:
        headers["Retry-After"] = str(retry_after_s)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="GetArrToken"'
    title, detail = title_and_detail(error)
    body = {
        "type": f"urn:arr-token:problem:{error.code}",
        "title": title,
        "status": error.status,
        "detail": detail,
        "code": error.code,
        "requestId": request_id,
        "msCv": error.ms_cv,
    }
    return Response(error.status, headers, json.dumps(body).encode("ascii"))


def title_and_detail(error: ArrTokenError) -> tuple[str, str]:
    """Return both texts. The detail of `Misconfigured` names the settings."""
    title, detail = _TEXTS[error.code]
    if isinstance(error, Misconfigured):
        detail = f"{detail}: {'; '.join(error.violations)}."
    if isinstance(error, _REFUSALS) and error.ms_cv is None:
        detail += _NOT_THE_STS
    return title, detail
