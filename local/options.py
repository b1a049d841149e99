"""The command line of `python -m local`."""

from __future__ import annotations

import argparse
import re
import secrets
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7071  # that of `func start`
_LAST_PORT = 65_535
USAGE_STATUS = 2


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        fail(message)


class Options(argparse.Namespace):
    once: bool
    port: int
    host: str
    env: bool
    key: str | None


def fail(message: str) -> NoReturn:
    """One line, exit status 2."""
    sys.stderr.write(f"python -m local: {' '.join(message.split())}\n")
    sys.exit(USAGE_STATUS)


def parse(arguments: Sequence[str]) -> Options:
    """Exit with status 2 on a bad value or an unknown switch."""
    parser = _Parser(prog="python -m local", description=__doc__, allow_abbrev=False)
    parser.add_argument("--once", action="store_true", help="end after the call; exit status 0 only for a token")
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help="default: %(default)s; 0: a free one")
    parser.add_argument("--host", default=DEFAULT_HOST, help="0.0.0.0: for a headset on the LAN; default: %(default)s")
    parser.add_argument(
        "--env", action="store_true", help="only simulated services: print the settings for `func start`"
    )
    parser.add_argument(
        "--key",
        type=_key,
        nargs="?",
        const=secrets.token_urlsafe(40),
        help="demand this function key, or one made at random",
    )
    return parser.parse_args(arguments, namespace=Options())


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to {_LAST_PORT}")
    return int(text)


def _key(text: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z_=-]+", text):
        raise argparse.ArgumentTypeError("a function key is made of letters, digits, -, _ and =")
    return text
