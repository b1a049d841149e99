"""The .meta files of the package. ``python -m tests.unity.metas`` writes those that are missing.

Unity ignores an asset without one in a package from a git URL. A sample's files need theirs too: with the same GUID in
the next version, a scene still finds the sample's components. A GUID is derived from the path, so it never changes.
"""

import hashlib
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "clients" / "unity"


def assets() -> list[Path]:
    """Return all files and folders that need a .meta file."""
    return [path for path in sorted(PACKAGE.rglob("*")) if path.suffix != ".meta" and not _is_hidden(path)]


def meta_of(asset: Path) -> Path:
    """Return the path of an asset's .meta file."""
    return asset.with_name(f"{asset.name}.meta")


def content(asset: Path) -> str:
    """Return the .meta file's content; the importer's settings are Unity's defaults."""
    # The hash only makes a name; it protects nothing.
    guid = hashlib.md5(f"getarrtoken/{asset.relative_to(PACKAGE).as_posix()}".encode(), usedforsecurity=False)
    folder = "folderAsset: yes\n" if asset.is_dir() else ""
    return f"fileFormatVersion: 2\nguid: {guid.hexdigest()}\n{folder}"


def _is_hidden(path: Path) -> bool:
    return path.name.endswith("~") or any(part.startswith(".") for part in path.relative_to(PACKAGE).parts)


if __name__ == "__main__":
    for missing in assets():
        if not meta_of(missing).exists():
            meta_of(missing).write_text(content(missing), encoding="utf-8")
