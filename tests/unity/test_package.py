"""Unity's requirements of a package, as far as they can be checked without Unity."""

import json
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.unity.metas import PACKAGE, assets, content, meta_of

ROOT = PACKAGE.parents[1]
DOTNET = ROOT / "clients" / "dotnet"
SAMPLE = PACKAGE / "Samples~" / "RemoteRendering"
UNITY_BUILT_IN = "0000000000000000e000000000000000"
MANIFEST = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))


def asmdef(folder: str) -> dict[str, object]:
    (file,) = (PACKAGE / folder).glob("*.asmdef")
    read: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
    assert read["name"] == file.stem
    return read


@pytest.mark.parametrize("asset", assets(), ids=lambda asset: asset.relative_to(PACKAGE).as_posix())
def test_each_asset_has_its_meta_file(asset: Path) -> None:
    """Unity imports each asset; ``python -m tests.unity.metas`` writes missing .meta files."""
    assert meta_of(asset).read_text(encoding="utf-8") == content(asset)


def test_no_meta_file_is_left_over() -> None:
    """Unity shows no warning of a .meta file without an asset."""
    assert set(PACKAGE.rglob("*.meta")) == {meta_of(asset) for asset in assets()}


def test_guids_are_unique() -> None:
    """Unity distinguishes all assets."""
    assert max(Counter(content(asset) for asset in assets()).values()) == 1


def test_the_manifest_says_what_the_package_needs() -> None:
    """Unity 2020.3 can install the package with its Json.NET and its sample."""
    assert MANIFEST["unity"] == "2020.3"
    assert MANIFEST["dependencies"] == {"com.unity.nuget.newtonsoft-json": "3.2.1"}
    assert re.fullmatch(r"[a-z0-9]+(\.[a-z0-9-]+)+", MANIFEST["name"])
    assert [list((PACKAGE / sample["path"]).glob("*.cs")) != [] for sample in MANIFEST["samples"]] == [True]


def test_the_package_manager_can_open_documentation_and_changes() -> None:
    """The manifest's links open this package's files in its repository."""
    repository = MANIFEST["repository"]
    assert ROOT / repository["directory"] == PACKAGE
    for name, file in (("documentationUrl", "README.md"), ("changelogUrl", "CHANGELOG.md")):
        assert (PACKAGE / file).exists()
        home = repository["url"].removesuffix(".git")
        assert MANIFEST[name] == f"{home}/blob/main/{repository['directory']}/{file}"


def test_the_changelog_starts_with_the_manifests_version() -> None:
    """A user who updates reads the changes of this version."""
    changelog = (PACKAGE / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)[0] == MANIFEST["version"]


def test_the_core_needs_no_engine() -> None:
    """The runtime assembly also works outside Unity: it references only Json.NET."""
    runtime = asmdef("Runtime")
    assert (runtime["noEngineReferences"], runtime["references"]) == (True, [])
    assert runtime["precompiledReferences"] == ["Newtonsoft.Json.dll"]
    assert not any("UnityEngine" in file.read_text(encoding="utf-8") for file in (PACKAGE / "Runtime").glob("*.cs"))


def test_the_tests_do_not_get_into_a_build() -> None:
    """An app's build does not contain the package's tests."""
    tests = asmdef("Tests")
    assert (tests["includePlatforms"], tests["defineConstraints"]) == (["Editor"], ["UNITY_INCLUDE_TESTS"])
    assert tests["autoReferenced"] is False


def test_a_component_is_named_as_its_file() -> None:
    """Unity finds each component of the sample by its file's name."""
    for source in SAMPLE.rglob("*.cs"):
        assert re.search(rf"public (abstract |static )?class {source.stem}\b", source.read_text(encoding="utf-8"))


def test_the_readme_names_every_code_and_define() -> None:
    """A user finds the client's own codes and the sample's defines in the README."""
    readme = (PACKAGE / "README.md").read_text(encoding="utf-8")
    text = "".join(
        source.read_text(encoding="utf-8") for source in PACKAGE.rglob("*.cs") if "Tests" not in source.parts
    )
    codes = re.findall(r'(?:ArrTokenException\(|const string \w*Code = )"([a-z-]+)"', text)
    documented = re.findall(r"^  \| `([a-z-]+)(?:<status>)?`", readme, re.MULTILINE)
    assert set(codes) == set(documented)
    assert all(define in readme for define in re.findall(r"#if (\w+)", text))


def test_links_work_in_an_installed_package() -> None:
    """Each relative link in the README names a file of the package: the repository is not there."""
    links = re.findall(r"\]\((?!https:)([^)#]+)", (PACKAGE / "README.md").read_text(encoding="utf-8"))
    assert not any(link.startswith("..") for link in links)
    assert all((PACKAGE / link).exists() for link in links)


def test_il2cpp_keeps_msal_if_it_is_installed() -> None:
    """A build without MSAL succeeds although link.xml names it."""
    linker = ET.parse(SAMPLE / "link.xml").getroot()  # noqa: S314  # our own
    assemblies = linker.findall("assembly")
    assert "Microsoft.Identity.Client" in [assembly.get("fullname") for assembly in assemblies]
    assert {assembly.get("ignoreIfMissing") for assembly in assemblies} == {"1"}


def test_the_prefabs_references_exist() -> None:
    """Unity shows no missing component in the prefab."""
    text = (SAMPLE / "ArrTokenStatus.prefab").read_text(encoding="utf-8")
    objects = set(re.findall(r"^--- !u!\d+ &(\d+)$", text, re.MULTILINE))
    guids = {guid for asset in assets() for guid in re.findall("guid: (.*)", content(asset))}
    for file_id, guid in re.findall(r"\{fileID: (\d+)(?:, guid: (\w+), type: \d)?\}", text):
        assert file_id in objects | {"0"} if not guid else guid in guids | {UNITY_BUILT_IN}
    scripts = re.compile(r"m_Script: .*guid: (\w+),.*?m_EditorClassIdentifier:\n(.*?)^---", re.DOTALL | re.MULTILINE)
    for source, fields in scripts.findall(text):
        (script,) = (asset for asset in assets() if source in content(asset))
        code = script.read_text(encoding="utf-8")
        for field in re.findall(r"^  (\w+):", fields, re.MULTILINE):
            assert re.search(rf"\[SerializeField\] private \w+ {field}\b", code)


def test_the_dotnet_project_compiles_the_same_sources() -> None:
    """.NET users get the Unity package's client in the same version."""
    project = ET.parse(DOTNET / "GetArrToken.csproj").getroot()  # noqa: S314  # our own
    assert project.findtext("PropertyGroup/Version") == MANIFEST["version"]
    assert project.findtext("PropertyGroup/TargetFramework") == "netstandard2.0"
    (pattern,) = (item.get("Include", "") for item in project.iterfind("ItemGroup/Compile"))
    assert sorted(DOTNET.glob(pattern)) == sorted(DOTNET.glob("../unity/Runtime/*.cs")) != []
