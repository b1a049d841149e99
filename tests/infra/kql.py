"""As much of KQL as infra/ uses: log lines through ``parse-where`` and ``where``, a sum over requests, columns."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.infra.template import INFRA

FILES = tuple(sorted(INFRA.glob("*/*.kql")))
#: The columns that are read, of the tables that Application Insights fills:
#: https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces
TABLES = {
    "AppRequests": {"ItemCount", "ResultCode"},
    "AppTraces": {"TimeGenerated", "SeverityLevel", "Message", "Properties"},
}
_WORDS = {"and", "asc", "by", "desc", "in", "or", "with"}
_PARSE = re.compile(r"^\| parse-where Message with (?P<pattern>.+)$", re.MULTILINE)
_WHERE = re.compile(r"^\| where (?P<expression>.+)$", re.MULTILINE)
_LET = re.compile(r"^let (\w+) = '(.*)';$", re.MULTILINE)
_TOKENS = re.compile(r"'(?P<literal>[^']*)'|(?P<star>\*)|(?P<column>\w+)")


def text(name: str) -> str:
    (file,) = (path for path in FILES if path.stem == name)
    return file.read_text(encoding="utf-8")


def rows(query: str, lines: Iterable[str]) -> list[dict[str, str]]:
    """Return the columns of each line that the query lets through."""
    found = (_parsed(query, line) for line in lines)
    return [row for row in found if row is not None and _passes(query, row)]


def _parsed(query: str, line: str) -> dict[str, str] | None:
    match = _PARSE.search(query)
    assert match is not None
    expression = "".join(_part(token) for token in _TOKENS.finditer(match["pattern"]))
    found = re.fullmatch(expression, line)
    return found and found.groupdict()


def _part(token: re.Match[str]) -> str:
    if token["literal"] is not None:
        return re.escape(token["literal"])
    return ".*?" if token["star"] else f"(?P<{token['column']}>.*?)"


def _passes(query: str, row: dict[str, str]) -> bool:
    match = _WHERE.search(query)
    if match is None:
        return True
    names = {"tolong": _tolong, **dict(_LET.findall(query)), **row}
    return bool(_value(match["expression"], names))


def _value(expression: str, names: dict[str, Any]) -> Any:
    # Of the expressions in infra/, KQL's and Python's form and meaning are the same.
    return eval(expression, {"__builtins__": {}}, names)  # noqa: S307  # the repository's own text


def _tolong(value: str) -> float:
    """Return the number, or what no comparison is true of, as null in KQL."""
    return int(value) if value.isdigit() else float("nan")


def columns(file: Path) -> set[str]:
    """Return every literal field name that a query expects in a line."""
    match = _PARSE.search(file.read_text(encoding="utf-8"))
    return set(re.findall(r"(\w+)=", match["pattern"])) if match else set()


def summed(query: str, requests: Iterable[dict[str, Any]]) -> dict[str, float] | None:
    """Return the row that sums make of the requests and the query then projects, or None where it lets none through."""
    stages, requests = dict(_stages(query)), list(requests)
    # A sum over rows is the sum of what each row adds.
    adds = {"sum": lambda value: value, "sumif": lambda value, counted: value * counted, "toint": int}
    row = {
        name: sum(_value(expression, adds | request) for request in requests)
        for name, expression in _assigned(stages["summarize"]).items()
    }
    if not _value(stages["where"], row):
        return None
    return {name: _value(expression, row) for name, expression in _assigned(stages["project"]).items()}


def table(query: str) -> str:
    """Return the one table that a query reads."""
    (name,) = re.findall(r"(?m)^\w+$", query)
    return str(name)


def unknown(query: str) -> set[str]:
    """Return what a query reads as a column where there is none of that name."""
    known = TABLES[table(query)] | set(dict(_LET.findall(query)))
    missing = set()
    for operator, text in _stages(query):
        if operator == "parse-where":
            source, _, pattern = text.partition(" with ")
            missing |= _names(source) - known
            known |= _names(pattern)
            continue
        missing |= _names(text) - known
        if operator in {"project", "summarize"}:
            kept = text.partition(" by ")[2] if operator == "summarize" else re.sub(r"\w+ = [^,]+", "", text)
            known = set(_assigned(text)) | _names(kept)
    return missing


def _stages(query: str) -> list[tuple[str, str]]:
    return re.findall(r"(?m)^\| ([\w-]+) (.+)$", query)


def _assigned(text: str) -> dict[str, str]:
    return dict(part.split(" = ", 1) for part in re.split(r", (?=\w+ = )", text) if " = " in part)


def _names(text: str) -> set[str]:
    """Return the names that are read: no strings, no functions, and not what is assigned."""
    return set(re.findall(r"(?<![\w.])[A-Za-z_]\w*\b(?! = |\()", re.sub(r"'[^']*'", "", text))) - _WORDS
