from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.page import screenshots
from tests.page.stack import ROOT, Stack

NAMES = (screenshots.UNNOTICED, screenshots.NOTICED)


def test_the_screenshots_can_be_taken(browser: Browser, stack: Stack, tmp_path: Path) -> None:
    """`nox -s screenshots` still finds the elements that it clicks and waits for."""
    screenshots.write(browser, stack, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_screenshots_in_the_documents_load_fast(name: str) -> None:
    """A reader gets each PNG of 1280 × 800 without a delay."""
    image = (ROOT / "docs" / name).read_bytes()
    assert image.startswith(b"\x89PNG")
    assert [int.from_bytes(image[start : start + 4]) for start in (16, 20)] == [1280, 800]
    assert len(image) < 200_000
