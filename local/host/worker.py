"""The function in Microsoft's v1 worker library, called with the host's own messages."""

import asyncio
import sys
import uuid
from collections import deque
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import azure_functions_runtime_v1 as library
from azure_functions_runtime_v1 import loader

from local.host import app_config, imported, protos
from local.host.invocations import InvocationTask, install_task_factory
from local.services.reply import LoadError, Reply, check, read_reply

__all__ = ["LoadError", "Reply", "Worker"]

from collections.abc import Mapping

_ERRORS_KEPT = 100


class Worker:
    """One function app in this process. `load()` first; then `invoke()` from the same event loop."""

    def __init__(self, app_dir: Path | str) -> None:
        self.app_dir = Path(app_dir).resolve()
        self.config = app_config.read(self.app_dir)
        # Ids of running invocations: only their log lines reach Azure.
        self.running: set[str] = set()
        # The texts of the last failures, newest last.
        self.errors: deque[str] = deque(maxlen=_ERRORS_KEPT)
        self._function_id = ""
        self._protos = protos.load()

    async def load(self) -> None:
        """Initialise the worker library and import the function, even if an app of that name was loaded before.

        Raises LoadError.
        """
        if str(self.app_dir) not in sys.path:
            sys.path.insert(0, str(self.app_dir))
        self.unload()
        # The library loads again only under a new id.
        self._function_id = str(uuid.uuid4())
        install_task_factory(asyncio.get_running_loop())
        library.start_threadpool_executor()
        init = self._protos.WorkerInitRequest(
            host_version="4.0.0", function_app_directory=str(self.app_dir), worker_directory=str(self.app_dir)
        )
        check((await library.worker_init_request(self._envelope(worker_init_request=init))).result)
        request = self._protos.FunctionLoadRequest(function_id=self._function_id, metadata=self._metadata())
        check((await library.function_load_request(self._envelope(function_load_request=request))).result)

    async def restart(self) -> None:
        """Import the whole app anew, as a new worker process would. Threads of the old one continue.

        Raises LoadError.
        """
        await imported.forget(self.app_dir)
        await self.load()

    def unload(self) -> None:
        """Remove the function's own module. Modules that it imported stay in `sys.modules`."""
        name = f"__app__.{self.config.function}"
        for module in list(sys.modules):  # a copy: a thread may be importing
            if module == name or module.startswith(f"{name}."):
                del sys.modules[module]
        # The list is the __path__ of the __app__ package; an earlier app would be found first.
        loader._submodule_dirs.clear()  # noqa: SLF001  # the library has no public function

    async def invoke(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Reply:
        """Call the function as the host would; 500 without body if it fails. Raises nothing."""
        http = self._protos.RpcHttp(method=method, url=url, headers=headers or {}, query=query or {})
        if body:
            http.body.bytes = body
        invocation_id = str(uuid.uuid4())
        data = self._protos.TypedData(http=http)
        binding = next(binding["name"] for binding in self.config.bindings if binding["type"] == "httpTrigger")
        request = self._protos.InvocationRequest(
            invocation_id=invocation_id,
            function_id=self._function_id,
            input_data=[self._protos.ParameterBinding(name=binding, data=data)],
        )
        install_task_factory(asyncio.get_running_loop())
        # A task of its own, as in the worker: it continues if the caller disconnects.
        task = asyncio.get_running_loop().create_task(self._run(invocation_id, request))
        return await asyncio.shield(task)

    async def _run(self, invocation_id: str, request: Any) -> Reply:
        task = asyncio.current_task()
        if isinstance(task, InvocationTask):
            task.invocation_id = invocation_id
        self.running.add(invocation_id)
        try:
            response = await library.invocation_request(self._envelope(invocation_request=request))
            check(response.result)
            return read_reply(invocation_id, response.return_value)
        except Exception as error:  # noqa: BLE001  # like the host: any exception is a 500 for the caller
            self.errors.append(str(error))
            return Reply(500, {}, b"", invocation_id, str(error))
        finally:
            self.running.discard(invocation_id)

    def _metadata(self) -> Any:
        directions = {"in": self._protos.BindingInfo.Direction.Value("in"), "out": self._protos.BindingInfo.out}
        return self._protos.RpcFunctionMetadata(
            name=self.config.function,
            directory=str(self.config.directory),
            script_file=str(self.config.directory / self.config.script_file),
            entry_point="",
            bindings={
                binding["name"]: self._protos.BindingInfo(
                    type=binding["type"], direction=directions[binding["direction"]]
                )
                for binding in self.config.bindings
            },
        )

    def _envelope(self, **content: Any) -> SimpleNamespace:
        message = self._protos.StreamingMessage(request_id=str(uuid.uuid4()), **content)
        return SimpleNamespace(request=message, properties={"host": "127.0.0.1", "protos": self._protos})
