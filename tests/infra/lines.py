"""Log lines in the form of contract section 7, for the queries and alerts that read them."""

MS_CV = "gKXl1CkeG0mRb6HEtMUmHQ.0"
_REQUEST = {
    "request_id": "1",
    "caller": "-",
    "source": "held",
    "ms_cv": MS_CV,
    "client_cv": "-",
    "expires_in": "-",
    "age": "-",
    "token_sha256": "9f86d081884c7d65",
}
_EXCHANGE = {
    "upstream": "-",
    "status": "-",
    "kind": "-",
    "key": "1/1",
    "skipped": "-",
    "ms_cv": MS_CV,
    "started": "refresh",
    "seconds": "0.412",
}


def request(outcome: str = "ok", **fields: str) -> str:
    return _line("token-request", outcome, _REQUEST | fields)


def exchange(outcome: str = "ok", **fields: str) -> str:
    return _line("exchange", outcome, _EXCHANGE | fields)


def _line(name: str, outcome: str, fields: dict[str, str]) -> str:
    return " ".join([f"{name} outcome={outcome}", *(f"{field}={value}" for field, value in fields.items())])
