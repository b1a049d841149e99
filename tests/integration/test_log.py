"""Contract section 7: the log, as Azure gets it from the tasks of running requests."""

import re

from local.services.faults import Fault
from local.services.simulated_services import SimulatedServices
from tests.integration.app import Load

AUDIT = re.compile(
    r"token-request outcome=(?P<outcome>\S+) request_id=(?P<request_id>\S+) caller=(?P<caller>\S+) "
    r"source=(?P<source>\S+) ms_cv=(?P<ms_cv>\S+) "
    r"client_cv=(?P<client_cv>\S+) expires_in=(?P<left>\S+) age=(?P<age>\S+) token_sha256=(?P<digest>\S+)"
)
EXCHANGE = re.compile(
    r"exchange outcome=(?P<outcome>\S+) upstream=(?P<upstream>\S+) status=(?P<status>\S+) kind=(?P<kind>\S+) "
    r"key=(?P<key>\S+) skipped=(?P<skipped>\S+) ms_cv=(?P<ms_cv>\S+) started=(?P<started>load|request|refresh) "
    r"seconds=[0-9.]+"
)


async def test_each_request_leaves_one_audit_line_in_its_own_task(load: Load, services: SimulatedServices) -> None:
    """Azure gets one audit line for each response, and no line is logged where Azure loses it."""
    app = await load()
    responses = [await app.get(query) for query in ({}, {"minValidity": "x"}, {"minValidity": "5"})]
    audits = [match for line in app.lines if (match := AUDIT.fullmatch(line))]
    assert [audit["outcome"] for audit in audits] == ["ok", "invalid-request", "ok"]
    assert [audit["source"] for audit in audits] == ["issued", "-", "held"]
    assert [audit["request_id"] for audit in audits] == [response.headers["x-ms-request-id"] for response in responses]
    assert audits[0]["ms_cv"] == services.sts.faults.calls[0].response_headers["MS-CV"]
    assert re.fullmatch("[0-9a-f]{16}", audits[0]["digest"])
    assert (audits[1]["ms_cv"], audits[1]["left"], audits[1]["age"], audits[1]["digest"]) == ("-",) * 4
    assert not app.lost


async def test_the_next_request_logs_an_exchange_before_its_own_line(load: Load, services: SimulatedServices) -> None:
    """An operator sees each exchange; a failed one has the service, its status and its MS-CV."""
    app = await load()
    await app.expire()
    services.sts.faults.set(Fault(status=401))
    await app.get()
    first, exchange, audit = (
        EXCHANGE.fullmatch(app.lines[0]),
        EXCHANGE.fullmatch(app.lines[-2]),
        AUDIT.fullmatch(app.lines[-1]),
    )
    assert first
    assert (first["outcome"], first["key"], first["skipped"], first["started"]) == ("ok", "1/1", "-", "load")
    assert exchange
    assert audit
    assert exchange.groupdict() == {
        "outcome": "account-key-rejected",
        "upstream": "sts",
        "status": "401",
        "kind": "status",
        "key": "-",
        "skipped": "sts:401",
        "ms_cv": services.sts.faults.calls[-1].response_headers["MS-CV"],
        "started": "request",
    }
    assert audit["ms_cv"] == exchange["ms_cv"]


async def test_a_callers_vector_is_logged_and_a_broken_one_ignored(load: Load) -> None:
    """Only a well-formed correlation vector is logged, and none is echoed."""
    app = await load()
    for vector, logged in {
        "tul4NUsfs9Cl7mOf.1": "tul4NUsfs9Cl7mOf.1",
        "gKXl1CkeG0mRb6HEtMUmHQ.0.12": "gKXl1CkeG0mRb6HEtMUmHQ.0.12",
        "gKXl1CkeG0mRb6HEtMUmHQ": "gKXl1CkeG0mRb6HEtMUmHQ",
        "outcome=forged": "-",
        "gKXl1CkeG0mRb6HEtMUmHQ.0 x=y": "-",
        "gKXl1CkeG0mRb6HEtMUmHQ" + ".1234567" * 14: "-",
    }.items():
        response = await app.get(ms_cv=vector)
        assert f"client_cv={logged} " in app.lines[-1]
        assert response.headers["ms-cv"] != vector
