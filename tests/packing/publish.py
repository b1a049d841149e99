"""Which files of a folder the tools that publish a function app take along."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from pathspec import GitIgnoreSpec

type Ignored = Callable[[str], bool]

# FileSystemHelpers.GetLocalFiles in github.com/Azure/azure-functions-core-tools, whatever .funcignore says.
_NEVER_BY_CORE_TOOLS = re.compile(
    r"(?:.*/)?(?:(?:\.git|\.vscode)(?:/.*)?|\.funcignore|\.gitignore|local\.settings\.json|project\.lock\.json)"
)


def core_tools(rules: str) -> Ignored:
    """Read .funcignore as ``func`` does: GitIgnoreParser.cs in github.com/Azure/azure-functions-core-tools.

    A pattern is a regular expression from the root to a word's end, not what git would make of it.
    """
    patterns = [line.strip().removeprefix("/") for line in rules.splitlines() if line.strip() and line[0] != "#"]
    if any(pattern.startswith("!") for pattern in patterns):
        raise ValueError("exceptions win over every pattern there, and are not needed here")
    escaped = [re.escape(pattern).replace(r"\*\*", "(.+)").replace(r"\*", "([^/]+)") for pattern in patterns]
    denied = re.compile(rf"(?:{'|'.join(escaped)})\b", re.ASCII)
    return lambda path: bool(denied.match(path) or _NEVER_BY_CORE_TOOLS.fullmatch(path))


def gitignore(rules: str) -> Ignored:
    """Read it as azd and Azure/functions-action do: as a .gitignore."""
    return GitIgnoreSpec.from_lines(rules.splitlines()).match_file


READERS = {"Core Tools": core_tools, "gitignore": gitignore}


def published(root: Path, ignored: Ignored) -> Iterator[str]:
    """Walk the folder; what is ignored as a folder is not entered."""
    for folder, folders, files in os.walk(root):
        at = Path(folder).relative_to(root)
        folders[:] = [name for name in folders if not ignored((at / name).as_posix())]
        yield from kept(((at / name).as_posix() for name in files), ignored)


def kept(paths: Iterable[str], ignored: Ignored) -> Iterator[str]:
    """Give the paths that are published."""
    return (path for path in paths if not ignored(path))
