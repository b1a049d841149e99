"""Records the activities of a start in the measured process. It imports little, so the start pays for its imports."""

import ssl
import threading
from collections.abc import Callable
from importlib import machinery
from time import perf_counter
from typing import Any

#: Packages with spans of their own; any other import counts for the package that imports it.
_PACKAGES = ("requests", "urllib3", "azure.core", "azure.identity", "azure.keyvault", "msal", "cryptography")


class Recorder:
    """Spans on the system's monotonic clock: begin, end, thread, kind and label.

    A nested import is not counted in the outer one, so the spans of a thread do not overlap.
    """

    def __init__(self) -> None:
        self.spans: list[tuple[float, float, str, str, str]] = []
        self._thread = threading.local()
        self._threads = 0

    def install(self) -> None:
        """Record from now on, in all threads."""
        for loader in (machinery.SourceFileLoader, machinery.ExtensionFileLoader):
            self._wrap(loader, "exec_module", "import", lambda module: module.__name__)
        self._wrap(machinery.ExtensionFileLoader, "create_module", "import", lambda spec: spec.name)
        self._wrap(ssl.SSLContext, "load_verify_locations", "read CAs", lambda *_args, **_options: "")

    def _wrap(self, owner: type, name: str, kind: str, subject: Callable[..., str]) -> None:
        original = getattr(owner, name)

        def recorded(this: Any, *args: Any, **options: Any) -> Any:
            stack = self._stack()
            outer = stack[-1] if stack else None
            label = _package(subject(*args, **options)) or (outer[1] if outer else "")
            self._change(outer)
            stack.append((kind, label))
            try:
                return original(this, *args, **options)
            finally:
                self._change(stack.pop())

        setattr(owner, name, recorded)

    def _stack(self) -> list[tuple[str, str]]:
        if not hasattr(self._thread, "stack"):
            self._thread.stack, self._thread.since = [], perf_counter()
            self._threads += 1
            self._thread.name = "event loop" if self._threads == 1 else f"thread {self._threads}"
        stack: list[tuple[str, str]] = self._thread.stack
        return stack

    def _change(self, ended: tuple[str, str] | None) -> None:
        """End the current span."""
        now = perf_counter()
        if ended:
            self.spans.append((self._thread.since, now, self._thread.name, *ended))
        self._thread.since = now


def _package(module: str) -> str | None:
    return next((name for name in _PACKAGES if f"{module}.".startswith(f"{name}.")), None)
