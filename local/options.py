"""The command line of `python -m local`."""

import argparse
import re
import secrets
import sys
from collections.abc import Sequence
from typing import NoReturn, override

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7071  # that of `func start`
ENV_PORT = 7072  # beside `func start`
USAGE_STATUS = 2
_LAST_PORT = 65_535

_DESCRIPTION = """\
Runs GetArrToken on this machine: the function that gives HoloLens and Unity apps
Azure Remote Rendering tokens, in Microsoft's worker library, with simulated
services for managed identity, Key Vault and the STS. Azure is not called.
A page at http://localhost:7071/ shows it at work and makes each service fail."""

_EPILOG = """\
examples:
  python -m local                     run until Ctrl-C, with the page at http://localhost:7071/
  python -m local --once              one call, then end: exit status 0 only for a token
  python -m local --host 0.0.0.0      let a headset on the LAN call it
  python -m local --key               demand a function key, as Azure does
  python -m local --env               only the simulated services, for `func start`
with nox, which installs what is needed first:
  python -m nox -s start -- --key

settings (environment variables) that the function takes here, too:
  ARR_ACCOUNT_ID, ARR_ACCOUNT_DOMAIN, ARR_ACCOUNT_KEY_SECRETS, ARR_CREDENTIAL,
  ARR_REQUIRED_ROLE, ARR_REFRESH_AFTER_SECONDS, ARR_MIN_VALIDITY_SECONDS,
  ARR_MAX_WAIT_SECONDS, AZURE_CLIENT_ID
local/README.md has every switch."""


class _Parser(argparse.ArgumentParser):
    @override
    def error(self, message: str) -> NoReturn:
        fail(message)


class Options(argparse.Namespace):
    once: bool
    port: int
    host: str
    env: bool
    key: str | None
    verbose: bool


def fail(message: str) -> NoReturn:
    """One line, exit status 2."""
    sys.stderr.write(f"python -m local: {' '.join(message.split())}\n")
    sys.exit(USAGE_STATUS)


def parse(arguments: Sequence[str]) -> Options:
    """Exit with status 2 on a bad value or an unknown switch."""
    parser = _Parser(
        prog="python -m local",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--once", action="store_true", help="end after one call; exit status 0 only for a token")
    parser.add_argument(
        "--port", type=_port, help=f"default: {DEFAULT_PORT}, with --env {ENV_PORT}; 0 takes a free port"
    )
    parser.add_argument("--host", default=DEFAULT_HOST, help="default: %(default)s; 0.0.0.0 for a headset on the LAN")
    parser.add_argument(
        "--key",
        type=_key,
        nargs="?",
        const=secrets.token_urlsafe(40),
        help="demand this function key; without a value, a random one is made and printed",
    )
    parser.add_argument(
        "--env", action="store_true", help="only the simulated services: print the settings for `func start`"
    )
    parser.add_argument("--verbose", action="store_true", help="print headers, claims and every log line as well")
    options = parser.parse_args(arguments, namespace=Options())
    if options.env and options.once:
        fail("--env has to keep running, because the addresses that it prints end with it: leave out --once")
    if options.port is None:
        options.port = ENV_PORT if options.env else DEFAULT_PORT
    return options


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to {_LAST_PORT}")
    return int(text)


def _key(text: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z_=-]+", text):
        raise argparse.ArgumentTypeError("a function key is made of letters, digits, -, _ and =")
    return text
