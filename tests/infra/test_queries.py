"""infra/queries/: who got a token, when, by which MS-CV; and why none could be had."""

import json
import re
from pathlib import Path

import pytest

from shared.api.audit_log import exchange_line
from shared.api.authorization import ANONYMOUS
from shared.errors import StsThrottled
from shared.tokens.exchange import ExchangeRecord
from tests.infra import kql
from tests.infra.template import INFRA, dotted, resource, variable
from tests.unit.api.handler_harness import HandlerHarness
from tests.unit.support import DAY_S, MS_CV

CLIENT_CV = "tul4NUsfs9Cl7mOf.1"


async def _a_call(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines of a request that got a token, and of one that did not."""
    desk = HandlerHarness(caplog)
    assert (await desk.ask({"MS-CV": CLIENT_CV})).status_code == 200
    assert (await desk.ask(minValidity="x")).status_code == 400
    return desk.lines


async def test_who_got_a_token_by_which_ms_cv(caplog: pytest.LogCaptureFixture) -> None:
    """Every field of the audit line becomes a column, and refused requests are left out."""
    (row,) = kql.rows(kql.text("tokens-given"), await _a_call(caplog))
    digest = row.pop("token_sha256")
    assert re.fullmatch("[0-9a-f]{16}", digest)
    assert row == {
        "outcome": "ok",
        "caller": ANONYMOUS.object_id or "-",
        "source": "held",
        "ms_cv": MS_CV,
        "client_cv": CLIENT_CV,
        "expires_in": str(DAY_S),
        "age": "0",
    }


@pytest.mark.parametrize("wanted", [MS_CV, CLIENT_CV])
async def test_a_request_is_found_by_either_ms_cv(caplog: pytest.LogCaptureFixture, wanted: str) -> None:
    """By the STS's, which the answer has, and by the caller's own."""
    query = kql.text("requests-by-ms-cv")
    lines = await _a_call(caplog)
    assert kql.rows(query, lines) == []
    assert [row["outcome"] for row in kql.rows(query.replace("<MS-CV>", wanted), lines)] == ["ok"]


def test_a_failed_exchange_names_its_cause() -> None:
    """The code, the upstream, its status and its MS-CV; exchanges that brought a token are left out."""
    failure = StsThrottled(ms_cv=MS_CV, retry_after_s=7, upstream="sts", upstream_status=429, kind="status")
    lines = [exchange_line(ExchangeRecord("refresh", failure, 1.5)), f"exchange outcome=ok upstream=- ms_cv={MS_CV}"]
    (row,) = kql.rows(kql.text("failed-exchanges"), lines)
    assert row == {
        "outcome": "sts-throttled",
        "upstream": "sts",
        "status": "429",
        "failure": "status",
        "ms_cv": MS_CV,
        "started": "refresh",
        "seconds": "1.500",
    }


def test_a_request_is_found_by_its_id() -> None:
    """The id in the answer is the invocation id, which the host puts beside every line of the request."""
    assert "where tostring(Properties.InvocationId) == wanted" in kql.text("request-by-id")


@pytest.mark.parametrize("file", kql.FILES, ids=lambda file: file.stem)
def test_every_query_is_of_known_form(file: Path) -> None:
    """A query says what it answers, and is used."""
    text = file.read_text(encoding="utf-8")
    assert text.startswith("// ")
    users = [path.name for path in INFRA.glob("*.bicep") if f"'{file.parent.name}/{file.name}'" in path.read_text()]
    assert users == [{"alerts": "alerts.bicep", "queries": "monitoring.bicep"}[file.parent.name]]


@pytest.mark.parametrize("file", kql.FILES, ids=lambda file: file.stem)
def test_every_query_reads_columns_that_there_are(file: Path) -> None:
    """Answers are counted from requests, all else is read from the function's lines; another name finds nothing."""
    query = file.read_text(encoding="utf-8")
    assert kql.table(query) == ("AppRequests" if file.stem == "server-errors" else "AppTraces")
    assert kql.unknown(query) == set()


def test_the_queries_are_saved_beside_the_logs() -> None:
    """Each of infra/queries under its file's name."""
    saved = resource("monitoring.bicep", "workspace__saved")
    assert saved["etag"] == "*"
    assert saved["properties"]["category"] == "GetArrToken"
    assert (dotted(saved["name"]), dotted(saved["properties"]["query"])) == ("query.name", "query.text")
    names = {query["name"] for query in variable("monitoring.bicep", "queries")}
    assert names == {file.stem for file in kql.FILES if file.parent.name == "queries"}


def test_no_line_is_sampled_away() -> None:
    """A query over audit lines is only as true as they are complete."""
    host = json.loads((INFRA.parent / "host.json").read_text(encoding="utf-8"))
    excluded = host["logging"]["applicationInsights"]["samplingSettings"]["excludedTypes"]
    assert {"Request", "Trace"} <= set(excluded.split(";"))
