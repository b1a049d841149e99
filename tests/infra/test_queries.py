"""infra/queries/: the tokens that callers got, and the reasons of failures."""

import json
from pathlib import Path

import pytest

from tests.infra import kql
from tests.infra.deployments import DEPLOYMENTS, ROOT
from tests.infra.lines import MS_CV, exchange, request

CLIENT_CV = "tul4NUsfs9Cl7mOf.1"
SAVED = {
    one["name"].rpartition("/")[2]: one["properties"]
    for one in DEPLOYMENTS["default"].of_type("OperationalInsights/workspaces/savedSearches")
}
CALL = request(client_cv=CLIENT_CV, caller="0a1b2c3d-0000-4000-8000-000000000000", expires_in="85140", age="1260")
REFUSED = request("invalid-request", request_id="2", source="-", ms_cv="-")


def test_tokens_are_listed_with_caller_and_ms_cv() -> None:
    """An operator sees each issued token with all fields of its audit line; refused requests are left out."""
    (row,) = kql.run(kql.text("queries/tokens-given"), [CALL, REFUSED])
    assert row == {
        "TimeGenerated": kql.NOON.replace(tzinfo=None),
        "caller": "0a1b2c3d-0000-4000-8000-000000000000",
        "source": "held",
        "ms_cv": MS_CV,
        "client_cv": CLIENT_CV,
        "expires_in": 85140,
        "age": 1260,
        "token_sha256": "9f86d081884c7d65",
        "request_id": "1",
    }


def test_requests_are_counted_by_code() -> None:
    """An operator sees every code with its number of requests and one request to look at."""
    lines = [CALL, request("misconfigured", request_id="3"), request("misconfigured", request_id="4")]
    rows = kql.run(kql.text("queries/answers-by-code"), lines)
    found = [(row["outcome"], row["requests"], row["request_id"]) for row in rows]
    assert found == [("misconfigured", 2, "4"), ("ok", 1, "1")]


@pytest.mark.parametrize(("wanted", "found"), [(MS_CV, ["exchange", "token-request"]), (CLIENT_CV, ["token-request"])])
def test_an_ms_cv_finds_requests_and_exchanges(wanted: str, found: list[str]) -> None:
    """An operator finds requests and exchanges by the STS's MS-CV and by the caller's own."""
    rows = kql.run(kql.text("queries/requests-by-ms-cv", MS_CV=wanted), [CALL, REFUSED, exchange()])
    assert [row["line"] for row in rows] == found


def test_a_failed_exchange_names_its_cause() -> None:
    """The row has the cause and the last MS-CV for Microsoft's support; successful exchanges are left out."""
    throttled = {"upstream": "sts", "status": "429", "kind": "status"}
    lines = [
        exchange("sts-throttled", **throttled, ms_cv="old.0", seconds="1.500"),
        exchange("sts-throttled", **throttled, ms_cv="new.0"),
        exchange(),
    ]
    (row,) = kql.run(kql.text("queries/failed-exchanges"), lines)
    assert (row["outcome"], row["upstream"], row["status"], row["failure"]) == ("sts-throttled", "sts", "429", "status")
    assert (row["exchanges"], row["slowest_seconds"], row["ms_cv"]) == (2, 1.5, "new.0")


def test_a_deployment_without_its_packages_is_recognised() -> None:
    """The row names the missing module and the place in the code."""
    lines = [exchange("internal-error", kind="ModuleNotFoundError") + " at=token_source.py:9 module=azure.identity"]
    (row,) = kql.run(kql.text("queries/failed-exchanges"), lines)
    assert (row["at"], row["missing_module"]) == ("token_source.py:9", "azure.identity")


def test_a_skipped_key_shows_while_the_other_serves() -> None:
    """An operator sees a failed rotation before the last valid key is gone."""
    (row,) = kql.run(kql.text("queries/skipped-keys"), [exchange(), exchange(key="2/2", skipped="sts:401")])
    assert (row["outcome"], row["key"], row["skipped"], row["exchanges"]) == ("ok", "2/2", "sts:401", 1)


@pytest.mark.parametrize("wanted", ["invocation-0", "1f0c"])
def test_a_request_is_found_by_its_id(wanted: str) -> None:
    """The id of a request finds all its lines, by the host's field and by the audit line's."""
    rows = kql.run(kql.text("queries/request-by-id", requestId=wanted), [request(request_id="1f0c"), REFUSED])
    assert [row["Message"] for row in rows] == [request(request_id="1f0c")]


@pytest.mark.parametrize("file", kql.files(), ids=lambda file: file.stem)
def test_every_query_runs(file: Path) -> None:
    """Each query runs, also on an empty log, and starts with a comment that explains its result."""
    query = kql.text(f"{file.parent.name}/{file.stem}")
    assert query.startswith("// ")
    assert kql.run(query) == []


def test_the_queries_are_saved_beside_the_log() -> None:
    """Each query is saved in the workspace under its file's name, in one category."""
    files = {file.stem: file.read_text(encoding="utf-8") for file in kql.files() if file.parent.name == "queries"}
    assert {name: saved["query"] for name, saved in SAVED.items()} == files
    assert {saved["category"] for saved in SAVED.values()} == {"GetArrToken"}


def test_no_line_is_sampled_away() -> None:
    """The log has every audit line, so a query's result is complete."""
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    excluded = host["logging"]["applicationInsights"]["samplingSettings"]["excludedTypes"]
    assert {"Request", "Trace"} <= set(excluded.split(";"))
