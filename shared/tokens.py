"""Values that must not print, and what is known of an access token."""

import math

from shared.clock import Moment


def is_visible_ascii(text: str) -> bool:
    """Tell whether the text may stand in a header: what may not ends up in the text of exceptions."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


class Secret:
    """An account key or an identity token. Shows itself only to who asks for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value; only for the header that carries it to its own upstream."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


class IssuedToken:
    """An access token as the STS issued it.

    ``ms_cv`` is that of the STS call that issued it. ``expires_on`` is its ``exp`` in seconds since 1970, and
    ``life_s`` what it had to live when it was issued, by the STS's own clock; each is None where it can't be read.
    """

    __slots__ = ("expires_on", "issued_at", "life_s", "ms_cv", "value")

    def __init__(
        self, value: str, *, ms_cv: str | None, issued_at: Moment, expires_on: int | None, life_s: int | None
    ) -> None:
        self.value = value
        self.ms_cv = ms_cv
        self.issued_at = issued_at
        self.expires_on = expires_on
        self.life_s = life_s

    def __repr__(self) -> str:
        return f"IssuedToken(ms_cv={self.ms_cv}, expires_on={self.expires_on}, life_s={self.life_s})"

    def remaining_s(self, age_s: float) -> float:
        """Return the seconds that are left at this age; a life that can't be read has no end that we know of."""
        return math.inf if self.life_s is None else self.life_s - age_s
