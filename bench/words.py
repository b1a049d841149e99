"""Formats figures."""

from bench.results import Spread

_MS_PER_S = 1_000
_FEW = 10  # below this, a figure needs decimals


def in_ms(seconds: float) -> str:
    """Write a time in milliseconds, to two or three digits."""
    milliseconds = seconds * _MS_PER_S
    return f"{milliseconds:,.0f} ms" if milliseconds >= _FEW else f"{milliseconds:.2g} ms"


def whole(value: float) -> str:
    """Write a number with separators, to three digits."""
    return f"{float(f'{value:.3g}'):,.0f}"


def times(ratio: Spread) -> str:
    """Write a ratio with its spread."""
    digits = 0 if ratio.median >= _FEW else 2
    return f"**{ratio.median:.{digits}f} ×** ({ratio.lowest:.{digits}f} to {ratio.highest:.{digits}f})"
