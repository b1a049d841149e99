"""A value that does not print."""

from typing import Never, final, override


@final
class Secret:
    """An account key or an identity token. Its ``repr`` and ``str`` hide the value, and it can't be pickled."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value. Call it only to build the ``Authorization`` header of the upstream that it belongs to."""
        return self._value

    @override
    def __repr__(self) -> str:
        return "Secret(…)"

    @override
    def __reduce__(self) -> Never:
        raise TypeError("a secret is not pickled")
