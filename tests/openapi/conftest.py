"""The function behind HTTP, against the simulated services."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.integration.app import Load
from tests.openapi.served import Served

type Serve = Callable[..., Served]


@pytest.fixture
def serve(load: Load) -> Iterator[Serve]:
    """Serve the function with the simulated services' settings; keyword arguments replace some, None takes one away."""
    with ExitStack() as running:
        yield lambda **settings: running.enter_context(Served(load, settings))


@pytest.fixture
def served(serve: Serve) -> Served:
    """The function with the simulated services' settings."""
    return serve()
