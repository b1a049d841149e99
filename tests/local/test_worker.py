import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.host.app_config import UnsupportedConfigurationError, read
from local.host.azure_log import AzureLogHandler
from local.host.worker import LoadError, Worker

type MakeApp = Callable[..., Path]

_URL = "http://localhost:7071/api/Echo"
_HEAD = "import azure.functions as func\nasync def main(req: func.HttpRequest) -> func.HttpResponse:\n"
_LOGS = """
import asyncio, contextvars, logging, threading
import azure.functions as func

log = logging.getLogger("app")
log.info("while loading")

async def say(text, wait=0.0):
    await asyncio.sleep(wait)
    log.info(text)

async def main(req: func.HttpRequest) -> func.HttpResponse:
    log.info("in the task")
    await asyncio.create_task(say("in a child task"))
    thread = threading.Thread(target=contextvars.copy_context().run, args=(log.info, "in a thread"))
    thread.start()
    thread.join()
    if not any(task.get_name() == "late" for task in asyncio.all_tasks()):
        asyncio.create_task(say("after the response", 0.05), name="late")
    return func.HttpResponse("")
"""


@pytest.fixture
def app_logger() -> Iterator[logging.Logger]:
    """Yield a logger, and remove its handlers afterwards."""
    logger = logging.getLogger("app")
    logger.setLevel(logging.INFO)
    yield logger
    logger.handlers.clear()


async def test_request_and_response_pass_through(make_app: MakeApp) -> None:
    """Request and response pass through the worker's real messages unchanged."""
    worker = Worker(make_app())
    await worker.load()
    reply = await worker.invoke("GET", _URL, {"a": "1"}, {"b": "2"})
    assert (reply.status, reply.headers["X-Own"]) == (200, "1")
    assert b'"params": {"b": "2"}' in reply.body


@pytest.mark.parametrize("body", ["raise ValueError('secret')", "return 5"])
async def test_a_failed_invocation_is_a_500_without_body(make_app: MakeApp, body: str) -> None:
    """An exception, or a result that is no response, is shown to the user and not sent to the caller."""
    worker = Worker(make_app(f"{_HEAD}    {body}\n"))
    await worker.load()
    reply = await worker.invoke("GET", _URL)
    assert (reply.status, reply.body) == (500, b"")
    assert reply.error == worker.errors[-1]


async def test_load_fails_with_the_workers_message(make_app: MakeApp) -> None:
    """A function that can't be imported is reported with the worker's message."""
    worker = Worker(make_app("import no_such_module"))
    with pytest.raises(LoadError, match="no_such_module"):
        await worker.load()


async def test_each_load_is_a_new_function(make_app: MakeApp) -> None:
    """load() imports the function's module again; restart() also imports the app's other modules again."""
    app = make_app(f"import helper_of_echo\n{_HEAD}    return func.HttpResponse(str(helper_of_echo.COUNT()))\n")
    (app / "helper_of_echo.py").write_text("import itertools\nCOUNT = itertools.count().__next__\n", encoding="utf-8")
    worker = Worker(app)
    await worker.load()
    assert [(await worker.invoke("GET", _URL)).body for _ in range(2)] == [b"0", b"1"]
    await worker.load()
    assert (await worker.invoke("GET", _URL)).body == b"2"
    await worker.restart()
    assert (await worker.invoke("GET", _URL)).body == b"0"


async def test_lines_of_a_running_invocation_are_delivered(make_app: MakeApp, app_logger: logging.Logger) -> None:
    """A line from the invocation's task, or from a task that it made, has the invocation's id."""
    worker = Worker(make_app(_LOGS))
    handler = AzureLogHandler(worker.running)
    app_logger.addHandler(handler)
    await worker.load()
    first, second = await asyncio.gather(worker.invoke("GET", _URL), worker.invoke("GET", _URL))
    ids = {first.invocation_id, second.invocation_id}
    assert sorted((line.text, line.invocation_id in ids) for line in handler.delivered) == [
        ("in a child task", True), ("in a child task", True), ("in the task", True), ("in the task", True)
    ]  # fmt: skip


async def test_lines_from_elsewhere_are_lost(make_app: MakeApp, app_logger: logging.Logger) -> None:
    """Lines from a thread, from loading, and from a task after the response count as lost."""
    worker = Worker(make_app(_LOGS))
    handler = AzureLogHandler(worker.running)
    app_logger.addHandler(handler)
    await worker.load()
    await worker.invoke("GET", _URL)
    await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name() == "late"))
    assert {line.text for line in handler.lost} == {"while loading", "in a thread", "after the response"}


async def test_the_workers_own_log_is_not_shown(app_logger: logging.Logger) -> None:
    """A user does not see the worker's system log azure.functions."""
    handler = AzureLogHandler(set())
    app_logger.addHandler(handler)
    handler.emit(logging.LogRecord("azure.functions", logging.INFO, "", 0, "x", None, None))
    assert not handler.lost


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ({"version": "2.0", "extensionBundle": {}}, '"extensionBundle"'),
        ({"version": "2.0", "extensions": {"http": {"dynamicThrottlesEnabled": True}}}, '"dynamicThrottlesEnabled"'),
        ({"version": "1.0"}, "version 1.0"),
    ],
)
def test_unsupported_host_json_is_refused_by_name(make_app: MakeApp, host: object, named: str) -> None:
    """The first unsupported setting of host.json is named."""
    with pytest.raises(UnsupportedConfigurationError, match=named):
        read(make_app(host=host))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"type": "timerTrigger"}, "timerTrigger"),
        ({"route": "a/{b}"}, "route parameters"),
        ({"authLevel": "admin"}, "authLevel admin"),
        ({"dataType": "binary"}, '"dataType"'),
    ],
)
def test_unsupported_function_json_is_refused_by_name(make_app: MakeApp, change: dict[str, str], named: str) -> None:
    """The first unsupported part of function.json is named."""
    trigger = {"type": "httpTrigger", "direction": "in", "name": "req"} | change
    function = {"bindings": [trigger, {"type": "http", "direction": "out", "name": "$return"}]}
    with pytest.raises(UnsupportedConfigurationError, match=named):
        read(make_app(function=function))
