"""Every command of this project: ``python -m nox -l`` lists them."""

import os
import subprocess
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 13)  # the oldest that Microsoft's v1 worker library runs on
if sys.version_info < OLDEST_PYTHON:
    sys.stderr.write(f"GetArrToken needs Python 3.13 or later; this is {sys.version.split()[0]}.\n")
    sys.exit(2)

import nox  # noqa: E402  # the code before the check must run on older versions of Python

nox.options.sessions = ["test"]
nox.options.reuse_venv = "yes"
nox.options.default_venv_backend = "venv"

WINDOWS = os.name == "nt"
SOAK_TEST = "tests/bench/test_soak.py"
REQUIREMENTS = (
    *("requirements", "requirements-local", "requirements-bench", "requirements-dev", "requirements-mutate"),
    "requirements-unity",
)


@nox.session
def start(session: nox.Session) -> None:
    """Run the function against simulated services of Azure: ``-- --help`` shows the switches."""
    session.log("Installing the stack's packages; the first time, this takes a while and shows nothing.")
    session.install("--quiet", "--require-hashes", "-r", "requirements-local.txt")
    _hand_over(session, "-m", "local", *session.posargs)


@nox.session
def test(session: nox.Session) -> None:
    """Lint, then run all tests with branch coverage: ``-- tests/unit -k name`` runs some, in one process."""
    session.install("--quiet", "--require-hashes", "-r", "requirements-dev.txt")
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    _lint(session)
    session.run("coverage", "erase")
    # The simulated Azure CLI is a shell script, which Windows can't run, so coverage is lower there.
    coverage = () if WINDOWS else ("--cov",)
    # Three processes on two cores: a third of the time is deadlines that pass. The soak measures the machine, so it
    # runs alone; a browser would take half of the time, so `page` runs it.
    ignored = (f"--ignore={SOAK_TEST}", "--ignore=tests/page")
    session.run("pytest", *coverage, "--numprocesses=3", "--dist=worksteal", *ignored)
    if not WINDOWS:  # the soak reads /proc
        session.run("pytest", SOAK_TEST)


@nox.session
def page(session: nox.Session) -> None:
    """Test the local stack's page in Chromium; skipped by name without it, unless CI is set."""
    session.install("--quiet", "--require-hashes", "-r", "requirements-dev.txt")
    session.run("pytest", "tests/page", "--numprocesses=2", "-rs", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, imports and workflows."""
    session.install("--quiet", "--require-hashes", "-r", "requirements-dev.txt")
    _lint(session)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Run the fuzz tests for minutes: random input for everything that reads foreign bytes; ``test`` takes seconds."""
    session.install("--quiet", "--require-hashes", "-r", "requirements-dev.txt")
    session.run("pytest", "tests/fuzz", *session.posargs, env={"HYPOTHESIS_PROFILE": "long"})


@nox.session
def infra(session: nox.Session) -> None:
    """Check the deployment without Azure; bicep and pwsh are used if they are on PATH, and otherwise named."""
    session.install("--quiet", "--require-hashes", "-r", "requirements-dev.txt")
    session.run("pytest", "tests/infra", "tests/docs", "--numprocesses=2", "-rs", *session.posargs)


@nox.session
def guides(session: nox.Session) -> None:
    """Parse every ``az`` command of the guides and scripts with Azure's own CLI (700 MB)."""
    session.install("--quiet", "azure-cli==2.91.0")
    session.run("python", "-m", "tests.docs.azure_cli")


@nox.session
def policies(session: nox.Session) -> None:
    """Check the templates with checkov: each finding is fixed, or has a reason."""
    session.install("--quiet", "checkov==3.3.30")
    session.run("python", "-m", "tests.infra.policies")


@nox.session
def queries(session: nox.Session) -> None:
    """Parse the queries and alerts with Microsoft's own KQL parser; needs Node."""
    folder = session.create_tmp()
    package = "@kusto/language-service-next"
    install = ("npm", "install", "--silent", "--ignore-scripts", "--prefix", folder)
    session.run(*install, f"{package}@12.4.1", external=True)
    files = sorted(map(str, Path("infra").glob("*/*.kql")))
    session.run("node", "tests/infra/kusto.cjs", f"{folder}/node_modules/{package}", *files, external=True)


@nox.session
def screenshots(session: nox.Session) -> None:
    """Write the screenshots of README and docs/ anew; needs Chromium."""
    session.install("--quiet", "--require-hashes", "-r", "requirements-dev.txt")
    session.run("python", "-m", "tests.page.screenshots", *session.posargs)


@nox.session
def mutate(session: nox.Session) -> None:
    """Run mutation testing of shared/: ``-- 'shared.upstreams.sts*'`` tries some mutants."""
    session.install("--quiet", "--require-hashes", "-r", "requirements-mutate.txt")
    session.run("python", "-m", "tests.mutation", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure side by side and write docs/benchmarks.md: ``-- --quick`` only tries it."""
    session.install("--quiet", "--require-hashes", "-r", "requirements-bench.txt")
    session.run("python", "-m", "bench", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Run two minutes of load while faults come and go: ``-- --seed N`` repeats a run, ``-- --plot`` draws it."""
    session.install("--quiet", "--require-hashes", "-r", "requirements-bench.txt")
    session.run("python", "-m", "bench.soak", *session.posargs)


@nox.session
def unity(session: nox.Session) -> None:
    """Compile the Unity package, and run its tests on Mono and .NET: ``-- SignInTests`` runs some of them."""
    session.run("python", "-m", "tests.unity.toolchain")
    session.install("--quiet", "--require-hashes", "-r", "requirements-unity.txt")
    session.run("python", "-m", "tests.unity", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Compile the requirements with hashes; ``-- --upgrade`` takes the newest versions."""
    session.install("--quiet", "uv")
    for name in REQUIREMENTS:
        # Dependabot reads its options from the header that pip-compile writes into the file.
        options = ("--universal", "--python-version=3.13", "--generate-hashes", "--quiet")
        # Others install from these files, so they must not contain a registry's address.
        private = ("--no-emit-index-url", "--no-emit-find-links")
        session.run("uv", "pip", "compile", *options, *private, *session.posargs, f"{name}.in", "-o", f"{name}.txt")


def _lint(session: nox.Session) -> None:
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports", "--no-logo", "--no-cache")
    session.run("zizmor", "--offline", "--no-progress", "--quiet", ".github")


def _hand_over(session: nox.Session, *arguments: str) -> None:
    """Run a command and exit with its status; the command handles Ctrl-C."""
    python = Path(session.bin) / "python"
    process = subprocess.Popen([python, *arguments])
    while True:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            continue
        if status:
            sys.exit(status)
        return
