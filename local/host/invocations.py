"""Finds the current invocation as Microsoft's worker does: by the asyncio task."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from azure_functions_runtime_v1 import invocation_id_cv


class InvocationTask(asyncio.Task[Any]):
    """Inherits the invocation of the task that made it (the worker's ContextEnabledTask)."""

    def __init__(self, work: Coroutine[Any, Any, Any], *, loop: asyncio.AbstractEventLoop, **options: Any) -> None:
        super().__init__(work, loop=loop, **options)
        maker = asyncio.current_task(loop)
        self.invocation_id: str | None = getattr(maker, "invocation_id", None)


def install_task_factory(loop: asyncio.AbstractEventLoop) -> None:
    """Install the task factory that the worker uses; does nothing the second time."""
    if loop.get_task_factory() is not _make_task:
        loop.set_task_factory(_make_task)


def current_invocation() -> str | None:
    """Return None outside invocations and in the function's own threads, whose log lines Azure loses."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs in this thread
        task = None
    # The context variable is set for sync functions only.
    invocation_id: str | None = getattr(task, "invocation_id", None) or invocation_id_cv.get()
    return invocation_id


def _make_task(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> InvocationTask:
    return InvocationTask(work, loop=loop, **options)
