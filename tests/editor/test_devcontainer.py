"""The dev container, for users without Python 3.13."""

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))


def test_it_has_the_projects_python_and_its_page() -> None:
    """A user runs README's commands in it, and the browser opens the page."""
    version = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    assert CONTAINER["image"].endswith(f":{version}")
    assert CONTAINER["postCreateCommand"] == "python -m pip install nox"
    assert CONTAINER["forwardPorts"] == [7071]
