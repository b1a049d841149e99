"""Reads tables, headings, code spans and blocks of the documents."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"(?ms)^[ ]*```(\w*)\n(.*?)^[ ]*```$")


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def rows(text: str, start: str) -> list[list[str]]:
    """Return the cells of the first table after ``start``, without its head."""
    lines = text[text.index(start) :].splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("|---")) + 1
    table: list[list[str]] = []
    for line in lines[first:]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return table


def names(cell: str) -> list[str]:
    """Return the texts in backticks."""
    return re.findall(r"`([^`\n]+)`", cell)


def fences(text: str) -> list[tuple[str, str]]:
    """Return each code block in order: its language and its content."""
    return _FENCE.findall(text)


def blocks(text: str, *languages: str) -> str:
    """Return the code blocks of these languages, joined."""
    return "\n".join(body for language, body in fences(text) if language in languages)


def prose(text: str) -> str:
    """Return a document without its code blocks."""
    return _FENCE.sub("", text)


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to the headings."""
    headings = re.findall(r"(?m)^#+ (.+)$", prose(text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
