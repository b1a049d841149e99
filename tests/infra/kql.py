"""As much of KQL as infra/ uses: ``parse-where`` and the first ``where`` after it, on log lines."""

import re
from collections.abc import Iterable
from pathlib import Path

from tests.infra.template import INFRA

FILES = tuple(sorted(INFRA.glob("*/*.kql")))
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
    # Of these expressions, KQL's and Python's form and meaning are the same.
    return bool(eval(match["expression"], {"__builtins__": {}}, names))  # noqa: S307  # the repository's own text


def _tolong(value: str) -> float:
    """Return the number, or what no comparison is true of, as null in KQL."""
    return int(value) if value.isdigit() else float("nan")


def columns(file: Path) -> set[str]:
    """Return every literal field name that a query expects in a line."""
    match = _PARSE.search(file.read_text(encoding="utf-8"))
    return set(re.findall(r"(\w+)=", match["pattern"])) if match else set()
