"""Whom TLS trusts. One context serves all lines of an exchange, whatever requests would do."""

import ssl
from pathlib import Path
from typing import Any

import certifi
import pytest
import trustme

from shared.errors import StsUnavailable
from shared.tokens.exchange import Exchange
from shared.upstreams.connections import Connections
from tests.unit.support import FakeClock
from tests.unit.upstreams.harness import Way
from tests.unit.upstreams.server import Server, answer, trusted


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


def _refuses(server: Server, **options: Any) -> bool:
    """Tell whether nobody calls this server; the key is not sent before TLS has its say."""
    with Way() as way, pytest.raises(StsUnavailable) as raised:
        way.line().session.get(server.url, headers={"Authorization": "hunter2"}, **options)
    assert server.requests == []
    return raised.value.kind == "tls"


@pytest.mark.parametrize("verify", [None, True, False])
def test_a_certificate_of_nobody_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, verify: bool | None
) -> None:
    """Also by who asks requests, or an SDK, not to verify."""
    context = trusted(monkeypatch, tmp_path)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with Server(answer(), context=context) as server:
        assert _refuses(server, verify=verify)


def test_a_trusted_certificate_of_another_host_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A certificate proves one name, not every name."""
    authority = trustme.CA()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example", "127.0.0.2").configure_cert(context)
    with Server(answer(), context=context) as server:
        assert _refuses(server)


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_that_the_environment_names_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """As requests does: a company's own CA, or that of the simulated services."""
    context = trusted(monkeypatch, tmp_path)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.setenv(name, str(tmp_path / "local-ca.pem"))
    with Server(answer(), context=context) as server, Way() as way:
        assert way.line().session.get(server.url).status_code == 200
        assert way.line().session.get(server.url, verify=True).status_code == 200


def test_a_folder_of_certificates_stands_for_all_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty one trusts nobody; it is not read as a file, nor passed over for requests' own CAs."""
    context = trusted(monkeypatch, tmp_path)
    folder = tmp_path / "folder"
    folder.mkdir()
    with Way() as way:
        assert way.connections.tls(str(folder)).get_ca_certs() == []
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder))
    with Server(answer(), context=context) as server:
        assert _refuses(server)


def test_a_bundle_that_is_not_there_is_a_failure_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its path stays out of the error, and nobody is called."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/hunter2.pem")
    with Server(answer()) as server, Way() as way, pytest.raises(StsUnavailable) as raised:
        way.line().session.get(server.url.replace("http:", "https:"))
    assert raised.value.__cause__ is raised.value.__context__ is None
    assert server.connections == 0


def test_the_certificates_are_read_once_for_an_exchange() -> None:
    """All lines have one context for the same CAs, and the next exchange reads them anew."""
    clock = FakeClock()
    first, second = (Connections(Exchange("request", 1, clock), clock) for _ in range(2))
    assert first.tls(verify=True) is first.tls(verify=True) is not second.tls(verify=True)
    assert first.tls(certifi.where()) is not first.tls(verify=True)


@pytest.mark.parametrize("verify", [True, False, certifi.where()])
def test_every_context_verifies(verify: bool | str) -> None:
    """Name and certificate are checked, with TLS 1.2 or later, whatever was asked for."""
    with Way() as way:
        context = way.connections.tls(verify)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert len(context.get_ca_certs()) > 50
