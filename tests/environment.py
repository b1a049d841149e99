"""The environment variables of the function and of the Azure SDKs; tests inherit none of them."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest  # the soak runs without it

_OURS = ("ARR_", "AZURE_", "IDENTITY_", "KEY_VAULT_URL", "MSI_", "WEBSITE_", "APPLICATIONINSIGHTS", "COV")
_NETWORK = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NO_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def without_ours(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a test's child process may inherit, without those of coverage."""
    return {name: value for name, value in environ.items() if not name.upper().startswith(_OURS + _NETWORK)}


def replace_ours(monkeypatch: "pytest.MonkeyPatch", settings: Mapping[str, str | None]) -> None:
    """Give this process only these of the function's settings; None removes one."""
    for name in os.environ.keys() - without_ours(os.environ).keys():
        if not name.startswith("COV"):  # coverage measures this process
            monkeypatch.delenv(name)
    for name, value in settings.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
