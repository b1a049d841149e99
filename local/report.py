"""What a person sees. ASCII only: a Windows console may know no more."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.services import jwts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.host.azure_log import LogLine
    from local.services.simulated_services import SimulatedServices

_TOKEN_SHOWN = 40
_BODY_SHOWN = 2_000


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def fields(self) -> dict[str, Any] | None:
        """None where the body is no JSON object."""
        try:
            fields = json.loads(self.body)
        except ValueError:
            return None
        return fields if isinstance(fields, dict) else None

    @property
    def token(self) -> str | None:
        """None for everything but a 200 with a token."""
        token = (self.fields or {}).get("AccessToken") if self.status == 200 else None  # noqa: PLR2004
        return token if isinstance(token, str) and token else None


def print_start(url: str) -> None:
    """Say what is about to happen."""
    print(f"GetArrToken in Microsoft's v1 worker at {url}")
    print(
        "Simulated services on this machine for managed identity, Key Vault and STS; Azure is not asked.\n", flush=True
    )


def print_log_line(line: LogLine, lost: bool) -> None:
    """Show a line as Azure would, or that Azure would not."""
    place = "lost in Azure" if lost else "log"
    print(f"[{place}] {logging.getLevelName(line.level)} {line.logger}: {line.text}", flush=True)


def print_answer(answer: Answer) -> None:
    """Show the answer with its token cut short."""
    print(f"\nHTTP {answer.status} after {answer.seconds:.3f} s")
    for name, value in answer.headers.items():
        print(f"  {name}: {value}")
    fields = answer.fields
    if fields is None:
        print(f"  {answer.body[:_BODY_SHOWN].decode('utf-8', 'replace') or '(no body)'}")
        return
    print()
    for name, value in fields.items():
        shown = _cut(value) if name == "AccessToken" and isinstance(value, str) else json.dumps(value)
        print(f"  {name:<14}{shown}")
    if answer.token:
        _print_claims(answer.token)


def print_upstream(answer: Answer, services: SimulatedServices, started: float) -> None:
    """Show the calls; `started` is the wall-clock time from which the calls' beginnings count."""
    print("\nUpstream calls (the first exchange starts while the worker loads the function)")
    items = services.by_name().items()
    calls = sorted(
        ((call, name) for name, service in items for call in service.faults.calls), key=lambda pair: pair[0].started
    )
    for call, name in calls:
        lasted = "under way" if call.seconds is None else f"{call.seconds * 1000:6.1f} ms"
        print(
            f"  +{call.started - started:.3f} s  {name:<10}{call.method} {call.path:<55} {call.status or '-'}  {lasted}"
        )
    sent = [call.response_headers.get("MS-CV") for call, name in calls if name == "sts" and call.status == 200]  # noqa: PLR2004
    if answer.token:
        same = sent and sent[-1] == answer.headers.get("MS-CV")
        print(f"\nMS-CV {answer.headers.get('MS-CV')} is {'' if same else 'NOT '}the one that the STS sent.")


def print_usage(origin: str, path: str, key: str | None, host: str) -> None:
    """Show how to call the function."""
    curl_key = "" if key is None else f' -H "x-functions-key: {key}"'
    shell_key = "" if key is None else f" -Headers @{{ 'x-functions-key' = '{key}' }}"
    print("\nCall it")
    print(f"  curl -i{curl_key} {origin}{path}")
    print(f"  Invoke-RestMethod{shell_key} {origin}{path}")
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - the person asked for it
        print("  From another device: this computer's address instead of localhost.")
    print_control(origin)


def print_control(origin: str) -> None:
    """Show where the switches are."""
    print("Switch faults (local/README.md has them all)")
    print(f'  curl -X PUT {origin}/local/faults/sts -d "{{\\"status\\": 503}}"')
    print(f"  curl -X DELETE {origin}/local/faults/sts")
    print(f"  curl {origin}/local/calls")
    print("Ctrl-C ends everything.\n", flush=True)


def print_settings(settings: Mapping[str, str]) -> None:
    """Show the settings for `func start`."""
    values = {"AzureWebJobsStorage": "", "FUNCTIONS_WORKER_RUNTIME": "python", **settings}
    print("local.settings.json, with which `func start` runs against the simulated services:\n")
    print(json.dumps({"IsEncrypted": False, "Values": values}, indent=2))
    print("\nThe same for bash:\n")
    for name, value in settings.items():
        print(f"export {name}='{value}'")
    print("\nThe same for PowerShell:\n")
    for name, value in settings.items():
        print(f"$env:{name} = '{value}'")
    print(flush=True)


def _cut(token: str) -> str:
    return f"{token[:_TOKEN_SHOWN]}... ({len(token)} characters)"


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
