"""The files of a folder that the publishing tools upload."""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

#: Selects the published ones of these paths, which are relative to the folder.
type Reader = Callable[[Iterable[str]], set[str]]

# FileSystemHelpers.GetLocalFiles in github.com/Azure/azure-functions-core-tools: .funcignore has no effect on these.
_NEVER_BY_CORE_TOOLS = re.compile(
    r"(?:.*/)?(?:(?:\.git|\.vscode)/.*|\.funcignore|\.gitignore|local\.settings\.json|project\.lock\.json)",
    re.IGNORECASE,
)
_SPECIAL = re.compile(r"[-\[\]/{}()+?.\\^$|]")


def core_tools(rules: Path) -> Reader:
    """Read .funcignore as ``func`` does: GitIgnoreParser.cs in github.com/Azure/azure-functions-core-tools."""
    lines = [line.strip() for line in rules.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    denied = _prefixes(line for line in lines if not line.startswith("!"))
    accepted = _prefixes(line[1:] for line in lines if line.startswith("!"))

    def ignored(path: str) -> bool:
        return bool((denied.match(path) and not accepted.match(path)) or _NEVER_BY_CORE_TOOLS.fullmatch(path))

    return lambda paths: {path for path in paths if not ignored(path)}


def _prefixes(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return the expression that ``func`` makes of patterns: each from the root to a word's end."""
    escaped = [_SPECIAL.sub(r"\\\g<0>", pattern.removeprefix("/")) for pattern in patterns]
    expressions = [pattern.replace("**", "(.+)").replace("*", r"([^\/]+)") for pattern in escaped]
    return re.compile(rf"(?:{'|'.join(expressions)})\b", re.ASCII)


def gitignore(rules: Path) -> Reader:
    """Read it as azd and Azure/functions-action do, as a .gitignore: git itself does, in an empty repository."""

    def published(paths: Iterable[str]) -> set[str]:
        known = set(paths)
        with tempfile.TemporaryDirectory() as folder:
            git = ["git", "-C", folder, "-c", f"core.excludesFile={rules.as_posix()}"]
            subprocess.run([*git, "init", "--quiet", "--template="], check=True)  # noqa: S603  # our own command
            checked = subprocess.run(  # noqa: S603  # our own command
                [*git, "check-ignore", "--no-index", "-z", "--stdin"],
                input="\0".join(known).encode(),
                capture_output=True,
                check=False,  # 1 where nothing is ignored
            )
        assert not checked.stderr
        return known - set(checked.stdout.decode().split("\0"))

    return published


READERS = {"Core Tools": core_tools, "gitignore": gitignore}


def files(root: Path) -> list[str]:
    """Return every file of a folder that is no part of git's own."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        found += [(Path(folder) / name).relative_to(root).as_posix() for name in names if name != ".git"]
    return found
