"""shared.imports."""

import gc
from collections.abc import Iterator

import pytest

from shared.imports import without_garbage_collection


@pytest.fixture(autouse=True)
def _enabled_again() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


def test_no_collection_within() -> None:
    """The import is not interrupted, and what it made is not searched again later."""
    made = []
    with without_garbage_collection():
        assert not gc.isenabled()
        made.append([object()])
    assert gc.isenabled()
    gc.collect()
    assert gc.get_freeze_count()
    assert not any(thing is made[0] for thing in gc.get_objects())


def test_a_failed_import_leaves_collection_enabled() -> None:
    """A missing package does not let the worker's memory grow."""
    with pytest.raises(ImportError), without_garbage_collection():
        raise ImportError
    assert gc.isenabled()


def test_disabled_collection_stays_disabled() -> None:
    """A host that disabled garbage collection gets its process back as it was."""
    gc.disable()
    with without_garbage_collection():
        pass
    assert not gc.isenabled()
