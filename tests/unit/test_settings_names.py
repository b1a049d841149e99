"""URLs, domains and names, and arbitrary environments."""

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.errors import Misconfigured
from shared.settings import read_settings
from tests.unit.support import ACCOUNT_ID, ENVIRONMENT, NAMES
from tests.unit.test_settings import violations_of

_ROOT = "mixedreality.azure.com"
_LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,9}[a-z0-9])?", fullmatch=True)
_DOMAINS = st.one_of(
    st.lists(_LABELS, max_size=3).map(lambda labels: ".".join([*labels, _ROOT])), _LABELS, st.text(max_size=20)
)


def _domain(value: str) -> str:
    return read_settings(ENVIRONMENT | {"ARR_ACCOUNT_DOMAIN": value}).account_domain


@pytest.mark.parametrize(
    ("value", "domain"),
    [
        pytest.param("westeurope.mixedreality.azure.com", f"westeurope.{_ROOT}", id="as the portal shows it"),
        pytest.param(f"https://sts.westeurope.{_ROOT}/", f"westeurope.{_ROOT}", id="as a URL"),
        pytest.param("westeurope", f"westeurope.{_ROOT}", id="bare region"),
        pytest.param("sts.westeurope", f"westeurope.{_ROOT}", id="bare region with sts"),
        pytest.param("WESTEUROPE", f"westeurope.{_ROOT}", id="upper case"),
        pytest.param(f"sts.{_ROOT}", _ROOT, id="regionless"),
        pytest.param(f"sts.ppe.{_ROOT}", f"ppe.{_ROOT}", id="pre-production"),
    ],
)
def test_account_domain(value: str, domain: str) -> None:
    """The account's domain is understood in every form in which the portal shows it."""
    assert _domain(value) == domain
    assert read_settings(ENVIRONMENT | {"ARR_ACCOUNT_DOMAIN": value}).sts_url == f"https://sts.{domain}"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("example.com", id="another domain"),
        pytest.param(f"{_ROOT}.example.com", id="the right one at the start of another"),
        pytest.param(f"evil{_ROOT}", id="ends in it without a dot"),
        pytest.param(f"https://user@{_ROOT}", id="user"),
        pytest.param(f"{_ROOT}:443", id="port"),
        pytest.param(f"{_ROOT}/path", id="path"),
        pytest.param(f"http://{_ROOT}", id="http"),
        pytest.param(f"a..{_ROOT}", id="empty label"),
        pytest.param(f"-a.{_ROOT}", id="hyphen first"),
        pytest.param(f"{'a' * 64}.{_ROOT}", id="label of 64"),
        pytest.param(f"a\n.{_ROOT}", id="line feed"),
        pytest.param(ACCOUNT_ID, id="a GUID"),
        pytest.param("west-europe", id="a region with a hyphen"),
        pytest.param("1westeurope", id="a region that starts with a digit"),
    ],
)
def test_no_account_domain(value: str) -> None:
    """The account key is never sent to another domain."""
    (violation,) = violations_of(ARR_ACCOUNT_DOMAIN=value)
    assert violation.startswith("ARR_ACCOUNT_DOMAIN ")


def test_account_id_and_domain_in_each_others_fields() -> None:
    """If the account's id and domain are swapped, both settings are named."""
    swapped = violations_of(ARR_ACCOUNT_ID=f"westeurope.{_ROOT}", ARR_ACCOUNT_DOMAIN=ACCOUNT_ID)
    assert [violation.split()[0] for violation in swapped] == ["ARR_ACCOUNT_DOMAIN", "ARR_ACCOUNT_ID"]


@given(_DOMAINS, st.sampled_from(["", "https://", "sts.", "https://sts."]), st.sampled_from(["", "/"]))
@example("sts", "", "")
def test_account_domain_is_stable(value: str, before: str, after: str) -> None:
    """A response's AccountDomain can be used as the setting and means the same."""
    with contextlib.suppress(Misconfigured):
        domain = _domain(f"{before}{value}{after}")
        assert domain == _ROOT or domain.endswith(f".{_ROOT}")
        assert _domain(domain) == domain


@pytest.mark.parametrize("name", ["KEY_VAULT_URL", "ARR_STS_URL"])
@pytest.mark.parametrize(
    ("url", "fits"),
    [
        pytest.param("https://v.vault.azure.net", True, id="host"),
        pytest.param("https://v.vault.azure.net/", True, id="trailing slash"),
        pytest.param("HTTPS://V.vault.azure.net", True, id="upper case"),
        pytest.param("https://127.0.0.1:8443", True, id="port"),
        pytest.param("https://[::1]:8443", True, id="IPv6"),
        pytest.param("https://v:1", True, id="first port"),
        pytest.param("https://v:65535", True, id="last port"),
        pytest.param("https://v:65536", False, id="no such port"),
        pytest.param("https://v:0", False, id="port 0"),
        pytest.param("https://v:", False, id="empty port"),
        pytest.param("http://v", False, id="http"),
        pytest.param("http\u017f://v", False, id="long s, which is an s in another case"),
        pytest.param("https://\u212aey", False, id="Kelvin sign, which is a k in another case"),
        pytest.param("v.vault.azure.net", False, id="no scheme"),
        pytest.param("https://", False, id="no host"),
        pytest.param("https://u@v", False, id="user"),
        pytest.param("https://u:p@v", False, id="user and password"),
        pytest.param("https://v/secrets", False, id="path"),
        pytest.param("https://v//", False, id="two slashes"),
        pytest.param("https://v?x", False, id="query"),
        pytest.param("https://v#x", False, id="fragment"),
        pytest.param("https://v w", False, id="space"),
        pytest.param("https://v\\@w", False, id="backslash"),
        pytest.param("https://ü", False, id="not ASCII"),
        pytest.param("https://[::::]", False, id="no IPv6 address"),
    ],
)
def test_origins(name: str, url: str, fits: bool) -> None:
    """Only an https origin is ever called: no other scheme, no user, no path."""
    assert [violation.split()[0] for violation in violations_of(**{name: url})] == ([] if fits else [name])


@pytest.mark.parametrize(
    ("value", "names"),
    [
        pytest.param("a", ("a",), id="one"),
        pytest.param("a,b,c,d", ("a", "b", "c", "d"), id="four"),
        pytest.param("a,b,c,d,e", None, id="five"),
        pytest.param("x" * 127, ("x" * 127,), id="127 characters"),
        pytest.param("x" * 128, None, id="128 characters"),
        pytest.param("a,,b", None, id="an empty one"),
        pytest.param("a,", None, id="an empty last"),
        pytest.param("a_b", None, id="underscore"),
        pytest.param("../a", None, id="path"),
        pytest.param("ä", None, id="not ASCII"),
    ],
)
def test_key_secrets(value: str, names: tuple[str, ...] | None) -> None:
    """One to four names that Key Vault accepts are used in their order."""
    found = violations_of(ARR_ACCOUNT_KEY_SECRETS=value)
    assert (found == ()) == (names is not None)
    if names is not None:
        assert read_settings(ENVIRONMENT | {"ARR_ACCOUNT_KEY_SECRETS": value}).key_secrets == names


@given(
    st.dictionaries(st.sampled_from([*NAMES, "WEBSITE_AUTH_ENABLED"]), st.text() | _DOMAINS.map("https://{}".format))
)
def test_any_environment(environ: dict[str, str]) -> None:
    """Any environment gives settings or a list of violations, and no other error."""
    with contextlib.suppress(Misconfigured):
        settings = read_settings(ENVIRONMENT | environ)
        assert settings.sts_url.lower().startswith("https://")


@given(
    st.dictionaries(st.sampled_from(NAMES), st.integers(10**11, 10**12).map(lambda mark: f"Zq{mark}\n?"), min_size=1)
)
def test_no_value_in_violations(environ: dict[str, str]) -> None:
    """A violation, which is returned and logged, never contains the value: it might be a key."""
    text = "".join(violations_of(**environ))
    assert not any(value.strip()[:8] in text for value in environ.values())
