"""Finds this machine's addresses for other devices."""

import socket
from contextlib import suppress

#: Each host that means every address of this machine, and a documentation address (RFC 5737, RFC 3849) that the
#: default route leads to.
_ANY = {
    "0.0.0.0": (socket.AF_INET, "192.0.2.1"),  # noqa: S104  # only compared
    "::": (socket.AF_INET6, "2001:db8::1"),
}


def reached_by(host: str) -> list[str] | None:
    """Return the addresses of a socket that is bound to `host`, the one on the default route first.

    None if `host` is one address; empty without a network. Sends nothing.
    """
    if host not in _ANY:
        return None
    family, far = _ANY[host]
    found: list[str] = []
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((far, 9))
        found.append(probe.getsockname()[0])
    with suppress(OSError):
        found += [str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None, family)]
    return [address for address in dict.fromkeys(found) if not address.startswith(("127.", "::1", "fe80:"))]
