"""The error message for a tool that hangs."""

import subprocess

import pytest

from tests.unity import toolchain


def test_the_output_of_a_hung_tool_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer sees in which test it hangs; the output comes as bytes, also in text mode."""

    def hang(command: list[str], **_: object) -> None:
        raise subprocess.TimeoutExpired(command, 300, output=b"in Some_test\n", stderr=None)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(SystemExit, match=r"mono did not end within 300 s:\nin Some_test"):
        toolchain.run(["mono"])
