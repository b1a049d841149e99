"""Runs the queries of infra/ on made-up rows, in DuckDB: an unknown column or a wrong form is an error there, too."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb_kql

from tests.infra.deployments import INFRA

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
#: The columns of Application Insights' tables that the queries may use:
#: https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces
_TABLES = (
    "CREATE TABLE AppTraces (TimeGenerated TIMESTAMP, SeverityLevel INT, Message VARCHAR, Properties JSON)",
    "CREATE TABLE AppRequests (TimeGenerated TIMESTAMP, ItemCount INT, ResultCode VARCHAR)",
)
type Row = dict[str, Any]


def text(path: str, **filled: str) -> str:
    """Return a query with its placeholders filled in."""
    query = (INFRA / f"{path}.kql").read_text(encoding="utf-8")
    for placeholder, value in filled.items():
        query = query.replace(f"<{placeholder.replace('_', '-')}>", value)
    return query


def files() -> list[Path]:
    return sorted(INFRA.glob("*/*.kql"))


def run(query: str, lines: Iterable[str] = (), responses: Mapping[str, int] | None = None) -> list[Row]:
    """Return a query's rows for log lines, one a minute from noon on, and for responses by status."""
    connection = duckdb_kql.connect()
    for table in _TABLES:
        connection.sql(table)
    for minute, line in enumerate(lines):
        row = (NOON + timedelta(minutes=minute), 1, line, json.dumps({"InvocationId": f"invocation-{minute}"}))
        connection.execute("INSERT INTO AppTraces VALUES (?, ?, ?, ?)", row)
    for status, count in (responses or {}).items():
        connection.execute("INSERT INTO AppRequests VALUES (?, ?, ?)", (NOON, count, status))
    result = duckdb_kql.kql(connection, query)
    return [dict(zip(result.columns, row, strict=True)) for row in result.fetchall()]
