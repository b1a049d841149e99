"""Separates log lines that Azure would keep from those that it would lose."""

import logging
from collections import deque
from collections.abc import Callable, Container
from typing import NamedTuple, override

from local.host.invocations import current_invocation

LINES_KEPT = 10_000
# The worker's own system log, and loggers of this stack, which do not run in Azure.
_NOT_THE_FUNCTIONS = ("azure.functions", "aiohttp", "local")


class LogLine(NamedTuple):
    # None if the line came from outside any invocation.
    invocation_id: str | None
    level: int
    logger: str
    text: str


class AzureLogHandler(logging.Handler):
    """Separates lines of running invocations' tasks from all others, which the Functions host loses."""

    def __init__(self, running: Container[str], show: Callable[[LogLine, bool], None] | None = None) -> None:
        """`show` gets each line and whether it is lost, in the logging thread."""
        super().__init__()
        self.delivered: deque[LogLine] = deque(maxlen=LINES_KEPT)
        self.lost: deque[LogLine] = deque(maxlen=LINES_KEPT)
        self._running = running
        self._show = show

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if any(record.name == name or record.name.startswith(f"{name}.") for name in _NOT_THE_FUNCTIONS):
            return
        invocation_id = current_invocation()
        # The worker forwards only the formatted message.
        line = LogLine(invocation_id, record.levelno, record.name, self.format(record))
        lost = invocation_id is None or invocation_id not in self._running
        (self.lost if lost else self.delivered).append(line)
        if self._show is not None:
            self._show(line, lost)

    def clear(self) -> None:
        self.delivered.clear()
        self.lost.clear()
