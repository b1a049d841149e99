"""What Unity demands of a package, as far as it can be seen without Unity."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.unity.metas import PACKAGE, assets, content, meta_of

MANIFEST = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))


def asmdef(folder: str) -> dict[str, object]:
    (file,) = (PACKAGE / folder).glob("*.asmdef")
    read: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
    assert read["name"] == file.stem
    return read


@pytest.mark.parametrize("asset", assets(), ids=lambda asset: asset.relative_to(PACKAGE).as_posix())
def test_each_asset_has_its_meta_file(asset: Path) -> None:
    """Unity ignores an asset without one; ``python -m tests.unity.metas`` writes it."""
    assert meta_of(asset).read_text(encoding="utf-8") == content(asset)


def test_no_meta_file_is_left_over() -> None:
    """Unity warns of a meta file whose asset is gone."""
    assert set(PACKAGE.rglob("*.meta")) == {meta_of(asset) for asset in assets()}


def test_guids_are_unique() -> None:
    """Two assets with one GUID are one asset to Unity."""
    assert max(Counter(content(asset) for asset in assets()).values()) == 1


def test_the_manifest_says_what_the_package_needs() -> None:
    """Unity 2021.3, its Json.NET, and a sample that is there."""
    assert MANIFEST["unity"] == "2021.3"
    assert MANIFEST["dependencies"] == {"com.unity.nuget.newtonsoft-json": "3.2.1"}
    assert re.fullmatch(r"[a-z0-9]+(\.[a-z0-9-]+)+", MANIFEST["name"])
    assert [list((PACKAGE / sample["path"]).glob("*.cs")) != [] for sample in MANIFEST["samples"]] == [True]


def test_the_changelog_starts_with_the_manifests_version() -> None:
    """Whoever updates reads what changed in this version."""
    changelog = (PACKAGE / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)[0] == MANIFEST["version"]


def test_the_core_needs_no_engine() -> None:
    """The runtime assembly knows neither UnityEngine nor any assembly but Json.NET."""
    runtime = asmdef("Runtime")
    assert (runtime["noEngineReferences"], runtime["references"]) == (True, [])
    assert runtime["precompiledReferences"] == ["Newtonsoft.Json.dll"]
    assert not any("UnityEngine" in file.read_text(encoding="utf-8") for file in (PACKAGE / "Runtime").glob("*.cs"))


def test_the_tests_do_not_get_into_a_build() -> None:
    """They are compiled in the editor only, for whoever asks for them."""
    tests = asmdef("Tests")
    assert (tests["includePlatforms"], tests["defineConstraints"]) == (["Editor"], ["UNITY_INCLUDE_TESTS"])
    assert tests["autoReferenced"] is False


def test_a_component_is_named_as_its_file() -> None:
    """Unity finds a component by its file's name."""
    for source in (PACKAGE / "Samples~").rglob("*.cs"):
        assert re.search(rf"public (abstract )?class {source.stem} : ", source.read_text(encoding="utf-8"))


def test_the_readme_names_every_code_and_define() -> None:
    """What the client's own codes mean, and what switches parts of the sample on, stands in the README."""
    readme = (PACKAGE / "README.md").read_text(encoding="utf-8")
    text = "".join(
        source.read_text(encoding="utf-8") for source in PACKAGE.rglob("*.cs") if "Tests" not in source.parts
    )
    codes = re.findall(r'(?:ArrTokenException\(|const string \w*Code = )"([a-z-]+)"', text)
    documented = re.findall(r"^  \| `([a-z-]+)(?:<status>)?`", readme, re.MULTILINE)
    assert set(codes) == set(documented)
    assert all(define in readme for define in re.findall(r"#if (\w+)", text))


def test_links_lead_somewhere() -> None:
    """A relative link in the README names a file of the repository."""
    links = re.findall(r"\]\((?!https:)([^)#]+)", (PACKAGE / "README.md").read_text(encoding="utf-8"))
    assert all((PACKAGE / link).exists() for link in links)
