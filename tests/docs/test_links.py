"""Links with an anchor lead to a heading."""

import re
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, anchors

FOLDERS = ("", "docs", "local", "clients/unity")
DOCUMENTS = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_anchors(document: Path) -> None:
    """A reader who follows a link with an anchor reaches its heading, in the same or another document."""
    for file, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", document.read_text(encoding="utf-8")):
        target = document.parent / file if file else document
        assert anchor in anchors(target.read_text(encoding="utf-8")), f"{file}#{anchor}"
