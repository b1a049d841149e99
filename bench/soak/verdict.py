"""What a judge says."""

from typing import NamedTuple


class Verdict(NamedTuple):
    """One thing that must hold, how often it was looked at, and where it did not hold."""

    name: str
    looked_at: str
    breaches: list[str]
