"""The effects of workflows and Dependabot's configuration; zizmor and actionlint check their form and safety."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").iterdir())
CI, RELEASE, WEEKLY = (
    yaml.safe_load((GITHUB / "workflows" / f"{name}.yml").read_text(encoding="utf-8"))
    for name in ("ci", "release", "weekly")
)


@pytest.mark.parametrize(
    ("schema", "files"), [("github-workflows", WORKFLOWS), ("dependabot", [GITHUB / "dependabot.yml"])]
)
def test_github_understands_the_files(schema: str, files: list[Path]) -> None:
    """The files follow GitHub's published schemas, of which check-jsonschema has copies."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own command
    assert checked.returncode == 0, checked.stdout


def test_readmes_command_runs_on_linux_and_windows() -> None:
    """CI runs README's two commands unchanged, and gets a token from the local stack."""
    job = CI["jobs"]["test"]
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert {system.partition("-")[0] for system in job["strategy"]["matrix"]["os"]} == {"ubuntu", "windows"}
    assert set(runs[0].split(" && ")) <= set((ROOT / "README.md").read_text(encoding="utf-8").splitlines())
    assert runs[1] == "python -m nox -s start -- --once"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_the_sessions_exist(workflow: Path) -> None:
    """Each nox session that a workflow runs exists."""
    lines = re.findall(r"nox -s ([\w ]+)", workflow.read_text(encoding="utf-8"))
    named = {name for line in lines for name in line.split()}
    noxfile = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    assert named <= set(re.findall(r"(?m)^@nox\.session\ndef (\w+)", noxfile))


def test_one_job_stands_for_all_jobs() -> None:
    """The required job waits for all others, and also runs after a failure."""
    done = CI["jobs"]["done"]
    assert set(done["needs"]) == CI["jobs"].keys() - {"done"}
    assert done["if"] == "always()"


def test_only_what_passed_is_released() -> None:
    """A release is tested, then published and probed, and only then announced with its notes."""
    test, publish, release = (RELEASE["jobs"][name] for name in ("test", "publish", "release"))
    assert (test["uses"], publish["needs"], release["needs"]) == ("./.github/workflows/ci.yml", "test", "publish")
    runs = [step["run"].strip().splitlines()[-1] for step in publish["steps"] if "run" in step]
    notes = '.github/release-notes.sh "${GITHUB_REF_NAME#v}"'
    assert runs[0].startswith(notes)  # a version without notes is not published
    assert runs[-3:] == ['infra/publish.sh "$AZURE_FUNCTION_APP_NAME"', "infra/app-key.sh", "infra/probe.sh"]
    assert release["steps"][-1]["run"].startswith(f"{notes} | gh release create")
    pythons = [step["with"] for step in publish["steps"] if "actions/setup-python@" in step.get("uses", "")]
    assert pythons == [{"python-version-file": ".python-version"}]  # func warns of another


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_a_release_has_its_part_of_the_changelog(tmp_path: Path) -> None:
    """The notes are the section of the version only; a version without a section is an error."""
    script = tmp_path / ".github" / "release-notes.sh"
    script.parent.mkdir()
    shutil.copy(GITHUB / script.name, script)
    sections = "# Changes\n\n## Unreleased\n\n- new\n\n## [1.2.3] - 2026-11-26\n\n- this\n\n## 1.2.2\n\n- old\n"
    (tmp_path / "CHANGELOG.md").write_text(sections, encoding="utf-8")
    for version, status, notes in (("1.2.3", 0, "- this"), ("1.2.2", 0, "- old"), ("1.2", 1, "")):
        ended = subprocess.run([script, version], capture_output=True, text=True, check=False)  # noqa: S603  # our own command
        assert (ended.returncode, ended.stdout.strip()) == (status, notes)


def test_no_secret_is_stored() -> None:
    """A release signs in to Azure by OpenID Connect; no workflow uses a stored secret."""
    assert not any("secrets." in workflow.read_text(encoding="utf-8") for workflow in WORKFLOWS)


@pytest.mark.parametrize("requirements", sorted(ROOT.glob("requirements*.txt")), ids=lambda path: path.name)
def test_dependabot_compiles_as_we_do(requirements: Path) -> None:
    """A pull request of Dependabot keeps the hashes and the packages for Windows."""
    header = requirements.read_text(encoding="utf-8").splitlines()[1]
    assert header.startswith("#    uv pip compile --universal --python-version=3.13 --generate-hashes ")
    assert header.endswith(f" {requirements.stem}.in -o {requirements.name}")
