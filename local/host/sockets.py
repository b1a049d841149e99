"""Opens the host's port."""

import errno
import socket
from contextlib import suppress

from local.options import DEFAULT_HOST, fail

_WINDOWS_IN_USE = {10013, 10048}
# Names that reach a socket bound to these addresses from this machine.
_CALLED_AS = {"127.0.0.1": "localhost", "0.0.0.0": "localhost", "::": "::1"}  # noqa: S104  # only compared


def bind(host: str, port: int) -> list[socket.socket]:
    """Open the port before anything starts. If that fails: one line, and exit status 2."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        sockets = [socket.create_server((host, port), family=family)]
    except OSError as error:
        reason = "is in use" if _in_use(error) else f"can't be opened ({error.strerror or error})"
        fail(f"port {port} of {host} {reason}; choose with --port and --host")
    if host == DEFAULT_HOST:
        # If localhost resolves to ::1 first, as on Windows, a refused connection there costs callers two seconds.
        with suppress(OSError):
            sockets.append(socket.create_server(("::1", sockets[0].getsockname()[1]), family=socket.AF_INET6))
    return sockets


def origin(sockets: list[socket.socket]) -> str:
    """Return the base URL for callers on this machine."""
    name, port = sockets[0].getsockname()[:2]
    name = _CALLED_AS.get(name, name)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def _in_use(error: OSError) -> bool:
    return error.errno == errno.EADDRINUSE or getattr(error, "winerror", None) in _WINDOWS_IN_USE
