"""Where other devices reach this machine."""

import socket
from contextlib import suppress

_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104 - only compared with
#: Addresses for documents (RFC 5737, RFC 3849): the route to them is the default route.
_FAR = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def is_any(host: str) -> bool:
    """Tell whether a socket bound to it is reached at every address of this machine."""
    return host in _ANY


def of_this_machine() -> list[str]:
    """Return the addresses, the one on the default route first; empty without a network. Sends nothing."""
    found: list[str] = []
    for family, far in _FAR:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))
            found.append(probe.getsockname()[0])
    with suppress(OSError):
        found += [str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None)]
    return [address for address in dict.fromkeys(found) if not address.startswith(("127.", "::1", "fe80:"))]
