"""The application settings: contract section 8, read once from the environment."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from shared.errors import Misconfigured
from shared.formats import is_guid
from shared.limits import MAX_MIN_VALIDITY_S, TOKEN_LIFETIME_S

_MAX_JITTER = 1.1  # contract section 5: a worker refreshes up to 10 % later than ARR_REFRESH_AFTER_SECONDS
_MAX_KEYS = 4

_ROOT_DOMAIN = "mixedreality.azure.com"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = rf"(?:{_LABEL}\.)*{re.escape(_ROOT_DOMAIN)}"
_ORIGIN = rf"https://(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{{1,5}}))?/?"
_BARE_REGION = r"[a-z][a-z0-9]{0,62}"  # westeurope; a GUID in the wrong field is none
_KEY_NAME = r"[0-9A-Za-z-]{1,127}"
_WHOLE_NUMBER = r"[0-9]{1,9}"
_INVALID = -1  # a number of seconds that is a violation already
_MAX_PORT = 65_535


class Settings(NamedTuple):
    """Every setting, checked; times in seconds. ``key_vault_url`` is empty only in keyless mode."""

    key_vault_url: str
    account_id: str
    account_domain: str
    sts_url: str
    key_secrets: tuple[str, ...]
    keyless: bool
    required_role: str | None
    refresh_after_s: int
    min_validity_s: int
    max_wait_s: int
    client_id: str | None
    has_identity_endpoint: bool
    has_identity_header: bool
    sign_in_enabled: bool


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings; raises `Misconfigured` with every violation at once, none of which holds a value."""
    reader = _Reader(environ)
    credential = reader.value("ARR_CREDENTIAL") or "account-key"
    reader.demand(
        "ARR_CREDENTIAL", credential in {"account-key", "managed-identity"}, "account-key or managed-identity"
    )
    domain = _account_domain(reader)
    settings = Settings(
        key_vault_url=_key_vault_url(reader, required=credential == "account-key"),
        account_id=reader.checked("ARR_ACCOUNT_ID", None, is_guid, "the account's GUID"),
        account_domain=domain,
        sts_url=reader.checked("ARR_STS_URL", f"https://sts.{domain}", _is_origin, "an https origin").rstrip("/"),
        key_secrets=_key_secrets(reader),
        keyless=credential == "managed-identity",
        required_role=reader.value("ARR_REQUIRED_ROLE"),
        refresh_after_s=reader.seconds("ARR_REFRESH_AFTER_SECONDS", 3600, 1, MAX_MIN_VALIDITY_S),
        min_validity_s=reader.seconds("ARR_MIN_VALIDITY_SECONDS", 900, 0, MAX_MIN_VALIDITY_S),
        max_wait_s=reader.seconds("ARR_MAX_WAIT_SECONDS", 10, 1, 60),
        client_id=reader.value("AZURE_CLIENT_ID"),
        has_identity_endpoint=reader.value("IDENTITY_ENDPOINT") is not None,
        has_identity_header=reader.value("IDENTITY_HEADER") is not None,
        sign_in_enabled=(reader.value("WEBSITE_AUTH_ENABLED") or "").lower() == "true",
    )
    _check_together(reader, settings)
    if reader.violations:
        raise Misconfigured(tuple(reader.violations))
    return settings


class _Reader:
    """The environment, and the violations found in it so far."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.violations: list[str] = []

    def value(self, name: str) -> str | None:
        return self._environ.get(name, "").strip() or None

    def demand(self, name: str, fulfilled: bool, rule: str) -> None:
        if not fulfilled:
            self.violations.append(f"{name} must be {rule}")

    def checked(self, name: str, default: str | None, fits: Callable[[str], bool], rule: str) -> str:
        value = self.value(name)
        if value is None and default is not None:
            return default
        self.demand(name, value is not None and fits(value), rule)
        return value or ""

    def seconds(self, name: str, default: int, least: int, most: int) -> int:
        value = self.value(name) or str(default)
        fits = re.fullmatch(_WHOLE_NUMBER, value) is not None and least <= int(value) <= most
        self.demand(name, fits, f"a whole number of seconds from {least} to {most}")
        return int(value) if fits else _INVALID


def _is_origin(value: str) -> bool:
    try:
        urlsplit(value)  # raises for brackets without an IPv6 address
    except ValueError:
        return False
    match = re.fullmatch(_ORIGIN, value.lower())
    return value.isascii() and match is not None and 0 < int(match["port"] or 443) <= _MAX_PORT


def _key_vault_url(reader: _Reader, *, required: bool) -> str:
    rule = "the vault's https URL, without path or user"
    return reader.checked("KEY_VAULT_URL", None if required else "", _is_origin, rule).rstrip("/")


def _account_domain(reader: _Reader) -> str:
    given = (reader.value("ARR_ACCOUNT_DOMAIN") or _ROOT_DOMAIN).lower()
    domain = given.removeprefix("https://").removesuffix("/").removeprefix("sts.")
    if re.fullmatch(_BARE_REGION, domain) and domain != "sts":
        domain = f"{domain}.{_ROOT_DOMAIN}"
    rule = f"the account domain that the portal's Overview shows: {_ROOT_DOMAIN} or a name that ends in .{_ROOT_DOMAIN}"
    reader.demand("ARR_ACCOUNT_DOMAIN", re.fullmatch(_DOMAIN, domain) is not None, rule)
    return domain


def _key_secrets(reader: _Reader) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (reader.value("ARR_ACCOUNT_KEY_SECRETS") or "arr-account-key").split(","))
    fits = len(names) <= _MAX_KEYS and all(re.fullmatch(_KEY_NAME, name) for name in names)
    rule = f"1 to {_MAX_KEYS} names of Key Vault secrets (letters, digits and hyphens, at most 127), comma-separated"
    reader.demand("ARR_ACCOUNT_KEY_SECRETS", fits, rule)
    return names


def _check_together(reader: _Reader, settings: Settings) -> None:
    if _INVALID not in (settings.refresh_after_s, settings.min_validity_s):
        latest_s = round(settings.refresh_after_s * _MAX_JITTER + settings.min_validity_s, 1)
        rule = f"at most {TOKEN_LIFETIME_S} when multiplied by 1.1 and added to ARR_MIN_VALIDITY_SECONDS"
        reader.demand("ARR_REFRESH_AFTER_SECONDS", latest_s <= TOKEN_LIFETIME_S, rule)
    role_without_sign_in = settings.required_role is not None and not settings.sign_in_enabled
    rule = "left out, or App Service Authentication switched on (it sets WEBSITE_AUTH_ENABLED to True)"
    reader.demand("ARR_REQUIRED_ROLE", not role_without_sign_in, rule)
