"""The function apps that are measured, each with GetArrToken's own host.json and function.json."""

import shutil
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).parent.parent
_FUNCTIONS = Path(__file__).parent / "functions"


class App(StrEnum):
    """The apps; the values are their names in tables and plots."""

    OURS = "GetArrToken"
    FLOOR = "Do nothing (the floor)"
    SAMPLE = "Usual sample"
    CLIENT = "Microsoft's client"
    CLIENT_ASYNC = "Microsoft's client, async"


def make_apps(folder: Path) -> dict[App, str]:
    """Write the apps into the folder and return their paths."""
    return {app: str(ROOT if app is App.OURS else _make(app.name.lower(), folder)) for app in App}


def _make(name: str, folder: Path) -> Path:
    function = folder / name / name
    function.mkdir(parents=True)
    shutil.copy(ROOT / "host.json", folder / name)
    shutil.copy(ROOT / "GetArrToken" / "function.json", function)
    shutil.copy(_FUNCTIONS / f"{name}.py", function / "__init__.py")
    return folder / name
