"""The output in the terminal. ASCII only, because a Windows console may support no more."""

import json
import logging
import os
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.host.azure_log import LogLine
from local.services import jwts
from local.services.faults import Call
from local.services.simulated_services import SimulatedServices

_TOKEN_SHOWN = 40
_BODY_SHOWN = 2_000
_STS_PATH_SHOWN = 44
_OK = 200
_UNAUTHORIZED = 401
# `curl` is another command in Windows PowerShell.
_CURL = "curl.exe" if os.name == "nt" else "curl"
_BOLD, _DIM, _GREEN, _RED, _CYAN = "1", "2", "32", "31", "36"


@dataclass(frozen=True)
class FunctionResponse:
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def fields(self) -> dict[str, Any] | None:
        """None if the body is no JSON object."""
        try:
            fields = json.loads(self.body)
        except ValueError:
            return None
        return fields if isinstance(fields, dict) else None

    @property
    def token(self) -> str | None:
        """None except for a 200 with a token."""
        token = (self.fields or {}).get("AccessToken") if self.status == _OK else None
        return token if isinstance(token, str) and token else None


def print_start() -> None:
    """Announce the next steps."""
    print("GetArrToken in Microsoft's worker library, with simulated managed identity, Key Vault and STS.")
    print("All of it runs on this machine; Azure is not called.\n", flush=True)


def print_remarks(remarks: Iterable[str]) -> None:
    """Show remarks on the settings."""
    for remark in remarks:
        print(_styled(f"Note: {remark}", _BOLD))


def print_log_line(line: LogLine, lost: bool) -> None:
    """Show a line as Azure would keep it, or that Azure would lose it."""
    place = "lost in Azure" if lost else "log"
    text = f"[{place}] {logging.getLevelName(line.level)} {line.logger}: {line.text}"
    print(_styled(text, _DIM) if lost else text, flush=True)


def print_response(response: FunctionResponse, *, verbose: bool) -> None:
    """Show the status and one line for the token, or the problem; --verbose shows everything."""
    print(_styled(f"HTTP {response.status}", _GREEN if response.token else _RED) + f" after {response.seconds:.3f} s")
    fields = response.fields
    if fields is None:
        print(f"  {response.body[:_BODY_SHOWN].decode('utf-8', 'replace') or '(no body)'}")
    elif response.token:
        left = fields.get("ExpiresIn")
        life = "of unknown lifetime" if left is None else f"valid for {left / 3600:.2f} h"
        print(f"Token {_cut(response.token)}, {life}, MS-CV {response.headers.get('MS-CV', '-')}")
    else:
        print(f"{fields.get('code')}: {fields.get('detail')}")
    if verbose:
        _print_all(response)


def print_upstream(services: SimulatedServices, started: float) -> None:
    """Show the calls; their times count from `started`, a wall-clock time."""
    print("\nUpstream calls")
    items = services.by_name().items()
    calls = sorted(
        ((call, name) for name, service in items for call in service.faults.calls), key=lambda pair: pair[0].started
    )
    for call, name in calls:
        lasted = "under way" if call.seconds is None else f"{call.seconds * 1000:.1f} ms"
        status = f"{call.status or '-'}{' challenge' if _is_challenge(call) else ''}"
        request = f"{call.method} {_short(call.path)}"
        print(f"  +{call.started - started:.3f} s  {name:<10}{request:<48} {status:<14} {lasted}")


def print_usage(origin: str, path: str, key: str | None) -> None:
    """Show the page's address, and three commands."""
    header = "" if key is None else f' -H "x-functions-key: {key}"'
    page = f"{origin}/" if key is None else f"{origin}/#key={key}"
    print("\nWatch it and break it in a browser: " + _styled(page, _BOLD, _CYAN))
    print("or here, in another window:")
    print(f'  call it   {_CURL} -i{header} "{origin}{path}"')
    print_fault_commands(origin, with_restart=True)


def print_fault_commands(origin: str, *, with_restart: bool) -> None:
    """Show commands that break the STS and repair it; they work in bash, cmd and PowerShell."""
    print(f'  break it  {_CURL} -X PUT "{origin}/local/faults/sts?status=503"')
    if with_restart:
        print(f'            {_CURL} -X POST "{origin}/local/restart"     (drops the cached token)')
    print(f'  mend it   {_CURL} -X POST "{origin}/local/reset"')
    print("Ctrl-C ends everything.\n", flush=True)


def print_lan(addresses: Iterable[str], port: int, path: str) -> None:
    """Show the function's addresses for other devices."""
    print(f"\nFrom another device; the firewall of this machine must let port {port} in:")
    for address in addresses:
        print(f"  http://{f'[{address}]' if ':' in address else address}:{port}{path}")


def print_settings(settings: Mapping[str, str], winning: Iterable[str]) -> None:
    """Show all steps to `func start`."""
    print("The simulated services run until Ctrl-C. Keep this window open, and in another one, in this folder:\n")
    print("1. Activate a Python 3.13 environment that has the function's packages. Without them `func start` starts,")
    print("   and every call is a 500.")
    print("     python -m pip install -r requirements.txt")
    print("2. Write this into local.settings.json:\n")
    values = {"AzureWebJobsStorage": "", **settings}
    print(json.dumps({"IsEncrypted": False, "Values": values}, indent=2))
    print("\n3. func start    (port 7071; the switches here are on a port of their own)\n")
    for name in winning:
        print(
            _styled(
                f"Note: {name} is set in this shell, and the shell wins over local.settings.json. Unset it where", _BOLD
            )
        )
        print(
            _styled("      you run `func start`; otherwise each exchange fails, with kind=tls or kind=connect.", _BOLD)
        )
    print("In place of the file, with bash:\n")
    for name, value in settings.items():
        print(f"export {name}='{value}'")
    print("\nor with PowerShell:\n")
    for name, value in settings.items():
        print(f"$env:{name} = '{value}'")
    print(flush=True)


def _print_all(response: FunctionResponse) -> None:
    for name, value in response.headers.items():
        print(f"  {name}: {value}")
    for name, value in (response.fields or {}).items():
        shown = _cut(value) if name == "AccessToken" and isinstance(value, str) else json.dumps(value)
        print(f"  {name:<14}{shown}")
    if response.token:
        _print_claims(response.token)


def _print_claims(token: str) -> None:
    print("\nThe token's claims")
    try:
        claims = jwts.unverified_claims(token)
    except ValueError as error:
        print(f"  can't be read ({error})")
        return
    for name, value in claims.items():
        print(f"  {name:<14}{json.dumps(value)}")
    if str(claims.get("exp", "")).isdigit():
        left = int(claims["exp"]) - time.time()
        print(f"  {'-> left':<14}{left / 3600:.2f} hours by this machine's clock")


def _is_challenge(call: Call) -> bool:
    """Tell whether the call is Key Vault's usual challenge, after which it is repeated with a token."""
    return call.status == _UNAUTHORIZED and "resource=" in call.response_headers.get("WWW-Authenticate", "")


def _short(path: str) -> str:
    return path if len(path) <= _STS_PATH_SHOWN else f"{path[:18]}...{path[-20:]}"


def _cut(token: str) -> str:
    return f"{token[:_TOKEN_SHOWN]}... ({len(token)} characters)"


def _styled(text: str, *codes: str) -> str:
    return f"\033[{';'.join(codes)}m{text}\033[0m" if _has_colour() else text


def _has_colour() -> bool:
    """Tell whether the terminal supports colour: https://no-color.org, and Windows' old console shows the codes."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return os.name != "nt" or bool({"WT_SESSION", "TERM_PROGRAM", "ANSICON"} & set(os.environ))
