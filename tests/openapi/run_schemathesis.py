"""Runs schemathesis in a process of its own: it replaces parts of Hypothesis, which then no longer shows examples.

``FUNCTION_KEY=… python -m tests.openapi.run_schemathesis http://127.0.0.1:7071`` tries a function that runs there.
"""

import sys
from pathlib import Path

import schemathesis
from schemathesis.cli import schemathesis as command

import tests.conftest  # noqa: F401  # it blocks the network

_DOCUMENT = "docs/openapi.yaml"
_CONFIG = Path(__file__).with_name("schemathesis.toml")

if __name__ == "__main__":
    schemathesis.openapi.from_path(_DOCUMENT).validate()
    command(["--config-file", str(_CONFIG), "--no-color", "run", _DOCUMENT, "--url", *sys.argv[1:]])
