import asyncio
import importlib
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from local.host.worker import Worker

type MakeApp = Callable[..., Path]


async def test_a_restart_waits_for_imports(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The restarted function uses no module that an old thread is still importing."""
    app = make_app()
    gate = SimpleNamespace(begun=threading.Event(), go=threading.Event())
    monkeypatch.setitem(sys.modules, "gate_of_echo", gate)  # the import system accepts any object in sys.modules
    code = "from gate_of_echo import begun, go\nbegun.set()\ngo.wait(30)\n"
    (app / "slow_of_echo.py").write_text(code, encoding="utf-8")
    worker = Worker(app)
    await worker.load()
    importing = threading.Thread(target=importlib.import_module, args=("slow_of_echo",))
    importing.start()
    assert await asyncio.to_thread(gate.begun.wait, 30)
    restart = asyncio.ensure_future(worker.restart())
    done, _ = await asyncio.wait([restart], timeout=0.05)
    assert not done
    gate.go.set()
    importing.join()
    await restart
    assert "slow_of_echo" not in sys.modules


async def test_a_restart_keeps_the_environment(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages in an environment in the app's folder stay loaded, because some can't be imported twice."""
    app = make_app()
    (app / ".nox").mkdir()
    (app / ".nox" / "package_of_echo.py").touch()
    monkeypatch.syspath_prepend(str(app / ".nox"))
    monkeypatch.setattr(sys, "prefix", str(app / ".nox"))
    package = importlib.import_module("package_of_echo")
    worker = Worker(app)
    await worker.load()
    await worker.restart()
    assert sys.modules.pop("package_of_echo") is package
