"""The certificates that TLS trusts: every connection is verified, with the CAs that requests would use."""

import hashlib
import ssl
from pathlib import Path
from typing import Any

import certifi
import pytest
import trustme
from cryptography import x509

from local.services.certificates import CertificateAuthority
from shared.errors import Misconfigured, StsUnavailable
from tests.unit.upstreams.harness import ExchangeHarness, failure_of
from tests.unit.upstreams.server import Server, http_response, resolve, trusted

_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def _no_other_cas(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*_VARIABLES, "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


def _check_refused(server: Server, **options: Any) -> None:
    """Check that TLS fails before the key is sent."""
    with ExchangeHarness() as harness:
        failure = failure_of(lambda: harness.get(server.url, headers={"Authorization": "hunter2"}, **options))
    assert (type(failure), failure.kind) == (StsUnavailable, "tls")
    assert server.requests == []


@pytest.mark.parametrize("verify", [None, True, False])
def test_an_untrusted_certificate_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, verify: bool | None
) -> None:
    """The key is not sent to an untrusted server, even if an SDK asks requests not to verify."""
    context = trusted(monkeypatch, tmp_path)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with Server(http_response(), context=context) as server:
        _check_refused(server, verify=verify)
        assert server.connections == 3  # it is retried like any connection failure


def test_a_trusted_certificate_of_another_host_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The key is not sent to a server whose certificate is for another name."""
    authority = trustme.CA()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example", "127.0.0.2").configure_cert(context)
    with Server(http_response(), context=context) as server:
        _check_refused(server)


def test_an_untrusted_certificate_ends_the_search_for_an_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another address that works does not hide that one of them belongs to somebody else."""
    with Server(http_response(), context=CertificateAuthority().server_context()) as untrusted:
        context = trusted(monkeypatch, tmp_path)
        with Server(http_response(), context=context) as server, ExchangeHarness(trigger="refresh") as harness:
            resolve(monkeypatch, untrusted.address, server.address)
            assert failure_of(lambda: harness.get("https://localhost/")).kind == "tls"
            assert server.requests == []


@pytest.mark.parametrize("name", _VARIABLES)
def test_a_private_ca_in_a_file_is_trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    """A company's own CA file works as with requests."""
    context = trusted(monkeypatch, tmp_path)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.setenv(name, str(tmp_path / "local-ca.pem"))
    with Server(http_response(), context=context) as server, ExchangeHarness() as harness:
        assert harness.get(server.url).status_code == 200
        assert harness.get(server.url, verify=True).status_code == 200


def _hashed_name(pem: bytes) -> str:
    """Return the name under which OpenSSL looks for a CA in a folder: a hash of its subject in lower case."""
    subject = x509.load_pem_x509_certificate(pem).subject
    lower = x509.Name([x509.NameAttribute(one.oid, str(one.value).lower()) for one in subject])
    encoded = lower.public_bytes()[2:]  # without the tag and length of the sequence
    digest = hashlib.sha1(encoded, usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}.0"


def test_a_private_ca_in_a_folder_is_trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder as c_rehash makes it works as with requests."""
    authority = CertificateAuthority()
    pem = authority.write_bundle(tmp_path, with_public_cas=False).read_bytes()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / _hashed_name(pem)).write_bytes(pem)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder))
    with Server(http_response(), context=authority.server_context()) as server, ExchangeHarness() as harness:
        assert harness.get(server.url).status_code == 200


def _nothing(path: Path) -> None:
    assert not path.exists()


def _file_without_certificates(path: Path) -> None:
    path.write_text("hunter2")


def _file_with_a_broken_certificate(path: Path) -> None:
    path.write_text("-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n")


def _empty_folder(path: Path) -> None:
    path.mkdir()


def _folder_without_hashed_names(path: Path) -> None:
    path.mkdir()
    (path / "ca.pem").write_bytes(Path(certifi.where()).read_bytes())


@pytest.mark.parametrize("name", _VARIABLES)
@pytest.mark.parametrize(
    "make",
    [
        _nothing,
        _file_without_certificates,
        _file_with_a_broken_certificate,
        _empty_folder,
        _folder_without_hashed_names,
    ],
    ids=lambda make: make.__name__.strip("_"),
)
def test_cas_that_cannot_be_used_are_a_misconfiguration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, make: Any
) -> None:
    """An operator reads which variables to correct, never their values; no server is called, and nothing is retried."""
    path = tmp_path / "hunter2"
    make(path)
    monkeypatch.setenv(name, str(path))
    with Server(http_response()) as server, ExchangeHarness() as harness:
        failure = failure_of(lambda: harness.get(server.https_url))
        assert isinstance(failure, Misconfigured)
        assert all(variable in failure.violations[0] for variable in _VARIABLES)
        assert server.connections == 0


def test_cas_are_read_once_for_an_exchange(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """CAs are read once per exchange, so a replaced file counts without a restart."""
    context = trusted(monkeypatch, tmp_path)
    with Server(http_response(), context=context) as server, ExchangeHarness() as harness:
        harness.get(server.url)
        (tmp_path / "local-ca.pem").unlink()
        assert harness.get(server.url).status_code == 200
        with ExchangeHarness() as later:
            assert isinstance(failure_of(lambda: later.get(server.url)), Misconfigured)


@pytest.mark.parametrize("verify", [True, False, certifi.where()])
def test_every_context_verifies(verify: bool | str) -> None:
    """Name and certificate are checked, with TLS 1.2 or later, whatever an SDK asks for."""
    with ExchangeHarness() as harness:
        context = harness.connections.tls_context(verify)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert len(context.get_ca_certs()) > 50
