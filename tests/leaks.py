"""Finds leaks by counting objects: their number does not depend on the machine, as the memory of a process does."""

import gc
from collections import Counter
from collections.abc import Mapping

#: Their number changes by itself: a module that is imported late makes some, an event loop keeps timers that have been
#: cancelled, and coverage keeps a tracer for each thread. A leak also has objects of other types.
_UNSTEADY = (
    *("builtins.", "_frozen_importlib", "importlib.", "typing.", "types.", "re.", "enum.", "functools.", "weakref."),
    *("asyncio.", "_asyncio.", "_contextvars.", "coverage."),
)


def object_counts() -> Counter[str]:
    """Count the objects that the garbage collector knows, by the name of their type, after a collection."""
    gc.unfreeze()  # count what `shared.imports` exempts, too
    gc.collect()
    return Counter(f"{type(thing).__module__}.{type(thing).__qualname__}" for thing in gc.get_objects())


def grown(before: Mapping[str, int], after: Mapping[str, int], *, by: int) -> dict[str, int]:
    """Return the types with at least this many more objects, and the difference."""
    more = {name: count - before.get(name, 0) for name, count in after.items()}
    return {name: count for name, count in more.items() if count >= by and not name.startswith(_UNSTEADY)}
