"""A temporary certificate authority, so that TLS is verified on a developer's machine, too."""

import ssl
from pathlib import Path

import certifi
import trustme


class CertificateAuthority:
    """Lives as long as the process; its key is never written to disk."""

    def __init__(self) -> None:
        self._ca = trustme.CA(organization_name="GetArrToken local stack")

    def server_context(self) -> ssl.SSLContext:
        """For a server on this machine; `vault.localhost` has a parent domain, as Key Vault's clients require."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert("127.0.0.1", "localhost", "vault.localhost", "::1").configure_cert(context)
        return context

    def write_bundle(self, directory: Path, *, with_public_cas: bool) -> Path:
        """Write a file for REQUESTS_CA_BUNDLE; with the public CAs, other hosts stay reachable."""
        bundle = directory / "local-ca.pem"
        public = Path(certifi.where()).read_bytes() if with_public_cas else b""
        bundle.write_bytes(self._ca.cert_pem.bytes() + public)
        return bundle


def untrusted_server_context() -> ssl.SSLContext:
    """Make a server context that no client trusts: its CA is discarded at once."""
    return CertificateAuthority().server_context()
