"""The workflows and Dependabot's configuration on GitHub."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").iterdir())
CI, RELEASE, WEEKLY = (
    yaml.safe_load((GITHUB / "workflows" / f"{name}.yml").read_text(encoding="utf-8"))
    for name in ("ci", "release", "weekly")
)
DEPENDABOT = yaml.safe_load((GITHUB / "dependabot.yml").read_text())


def steps() -> Iterator[dict[str, Any]]:
    for workflow in (CI, RELEASE, WEEKLY):
        for job in workflow["jobs"].values():
            yield from job.get("steps", [])


@pytest.mark.parametrize(
    ("schema", "files"), [("github-workflows", WORKFLOWS), ("dependabot", [GITHUB / "dependabot.yml"])]
)
def test_github_understands_the_files(schema: str, files: list[Path]) -> None:
    """They follow the schemas that editors and GitHub's own checks use; nothing is fetched for that."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned(workflow: Path) -> None:
    """What runs is one commit, with its version beside it, or a workflow of this repository."""
    uses = re.findall(r"(?m)^\s*(?:- )?uses: (.+)$", workflow.read_text(encoding="utf-8"))
    assert uses
    for action in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./\.github/workflows/\w+\.yml", action)


@pytest.mark.parametrize("workflow", [CI, RELEASE, WEEKLY], ids=["ci", "release", "weekly"])
def test_a_job_may_do_what_it_says_and_no_more(workflow: dict[str, Any]) -> None:
    """No permission by default; none to write but for the sign-in to Azure and the release; an end for each job."""
    may_write = {"publish": {"id-token"}, "release": {"contents"}}
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        written = {what for what, how in job.get("permissions", {}).items() if how != "read"}
        assert written == may_write.get(name, set())
        assert "timeout-minutes" in job or "uses" in job


def test_no_checkout_leaves_a_token_behind() -> None:
    """The repository's token is not in the folder in which tests and packages run."""
    checkouts = [step for step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_readmes_command_runs_on_linux_and_windows() -> None:
    """What README tells a newcomer is word for word what has to pass, and one call gets a token."""
    job = CI["jobs"]["test"]
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert {system.partition("-")[0] for system in job["strategy"]["matrix"]["os"]} == {"ubuntu", "windows"}
    assert f"\n{runs[0]}\n```" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert runs == ["python -m pip install nox && python -m nox -s test", "python -m nox -s start -- --once"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_the_sessions_exist(workflow: Path) -> None:
    """What a workflow has nox run is one of the project's commands."""
    lines = re.findall(r"nox -s ([\w ]+)", workflow.read_text(encoding="utf-8"))
    named = {name for line in lines for name in line.split()}
    noxfile = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    assert named <= set(re.findall(r"(?m)^@nox\.session\ndef (\w+)", noxfile))


def test_one_job_speaks_for_all() -> None:
    """It waits for every other job and runs also after a failure, when a job left out would count as passed."""
    done = CI["jobs"]["done"]
    assert set(done["needs"]) == CI["jobs"].keys() - {"done"}
    assert done["if"] == "always()"


def test_only_what_passed_is_released() -> None:
    """The same tests run first; what was published is asked for a token; only then is there a release, with notes."""
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
    """The section of the version, whatever else is written about it, and nothing of the next; without one: status 1."""
    script = tmp_path / ".github" / "release-notes.sh"
    script.parent.mkdir()
    shutil.copy(GITHUB / script.name, script)
    sections = "# Changes\n\n## Unreleased\n\n- new\n\n## [1.2.3] - 2026-11-26\n\n- this\n\n## 1.2.2\n\n- old\n"
    (tmp_path / "CHANGELOG.md").write_text(sections, encoding="utf-8")
    for version, status, notes in (("1.2.3", 0, "- this"), ("1.2.2", 0, "- old"), ("1.2", 1, "")):
        told = subprocess.run([script, version], capture_output=True, text=True, check=False)  # noqa: S603
        assert (told.returncode, told.stdout.strip()) == (status, notes)


def test_nothing_secret_is_stored() -> None:
    """Azure is signed in to by OpenID Connect, from an environment that can ask for a person's approval."""
    assert RELEASE["jobs"]["publish"]["environment"] == "production"
    (login,) = (step for step in steps() if step.get("uses", "").startswith("azure/login@"))
    assert login["with"].keys() == {"client-id", "tenant-id", "subscription-id"}
    assert not any("secrets" in workflow.read_text(encoding="utf-8") for workflow in WORKFLOWS)


def test_updates_come_weekly_and_together() -> None:
    """One pull request a week for Python, one for actions."""
    updates = {update["package-ecosystem"]: update for update in DEPENDABOT["updates"]}
    assert updates.keys() == {"uv", "github-actions"}
    for update in updates.values():
        assert update["schedule"]["interval"] == "weekly"
        (group,) = update["groups"].values()
        assert group == {"patterns": ["*"]}


@pytest.mark.parametrize("requirements", sorted(ROOT.glob("requirements*.txt")), ids=lambda path: path.name)
def test_dependabot_compiles_as_we_do(requirements: Path) -> None:
    """Its updater reads these options from the file's header; without them Windows or a hash would be missing."""
    header = requirements.read_text(encoding="utf-8").splitlines()[1]
    assert header.startswith("#    uv pip compile --universal --python-version=3.13 --generate-hashes ")
    assert header.endswith(f" {requirements.stem}.in -o {requirements.name}")
