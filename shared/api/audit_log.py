"""The log lines: what stands in them, and what never may.

The worker forwards nothing but the formatted message, so the fields stand in it as ``key=value``.
"""

import logging
from typing import Final

from shared.api.authorization import Caller
from shared.errors import ArrTokenError
from shared.formats import header_safe_or_none
from shared.tokens.exchange import ExchangeRecord

LOGGER: Final = logging.getLogger("arr_token")
LOGGER.setLevel(logging.INFO)  # an audit line that depends on somebody's root logger is none
# They print tokens, headers and answers, some at the level of a warning. Not "azure": that is the worker's own, too.
_TALKATIVE: Final = ("azure.core", "azure.identity", "azure.keyvault", "msal", "urllib3", "requests")


def silence_libraries() -> None:
    """Let nothing that the SDKs log pass on, whatever level somebody sets on a logger below theirs."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False
        logger.addHandler(logging.NullHandler())


def exchange_line(record: ExchangeRecord) -> str:
    """Return the line of an exchange that has ended."""
    outcome = record.outcome
    if isinstance(outcome, ArrTokenError):
        fields = f"outcome={outcome.code} upstream={outcome.upstream} status={outcome.upstream_status or '-'}"
        fields += f" kind={outcome.kind}"
    else:
        fields = "outcome=ok upstream=- status=- kind=-"
    return f"exchange {fields} ms_cv={_field(outcome.ms_cv)} started={record.started} seconds={record.seconds:.3f}"


def request_line(
    outcome: str,
    caller: Caller,
    client_cv: str | None,
    *,
    source: str = "-",
    ms_cv: str | None = None,
    life: str = "expires_in=- age=- token_sha256=-",
) -> str:
    """Return the audit line of a request."""
    return (
        f"token-request outcome={outcome} caller={_field(caller.object_id)} source={source} "
        f"ms_cv={_field(ms_cv)} client_cv={_field(client_cv)} {life}"
    )


def _field(value: str | None) -> str:
    return header_safe_or_none(value) or "-"
