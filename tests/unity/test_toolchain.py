"""What is told of a tool that hangs."""

import subprocess

import pytest

from tests.unity import toolchain


def test_what_a_hung_tool_wrote_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last words say in which test it hangs; they come as bytes, also in text mode."""

    def hang(command: list[str], **_: object) -> None:
        raise subprocess.TimeoutExpired(command, 300, output=b"in Some_test\n", stderr=None)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(SystemExit, match=r"nunit-console did not end within 300 s:\nin Some_test"):
        toolchain.run(["nunit-console"])
