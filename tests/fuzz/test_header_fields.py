"""Date and Retry-After, as upstreams send them."""

from hypothesis import example, given
from hypothesis import strategies as st

from shared.formats import http_date, retry_after_s
from tests.fuzz.profiles import long_examples, parsers
from tests.fuzz.results import result_of
from tests.fuzz.rubbish import dates, retry_afters

pytestmark = long_examples
_MOST_BYTES = 8_000_000
_LAST_SECOND = 253_402_300_800 + 86_400  # in the time zone that is behind most


@parsers
@given(dates)
def test_any_date(value: str) -> None:
    """Any Date header gives a second between the years 1 and 9999, or no date."""
    read = result_of(lambda: http_date(value), most_bytes=_MOST_BYTES)
    assert read is None or (isinstance(read, float) and -_LAST_SECOND < read < _LAST_SECOND)


@parsers
@example("9" * 5000, None, 0.0)
@example("Tue, 24 Nov 2026 18:02:52 GMT", "Mon, 01 Jan 0001 00:00:00 +2359", 0.0)
@given(retry_afters, st.none() | dates, st.floats(0, 2e11))
def test_any_retry_after(value: str, date: str | None, wall_s: float) -> None:
    """Any Retry-After and Date give 0 to 3600 whole seconds, or no Retry-After."""
    sent = {"Retry-After": value} | ({} if date is None else {"Date": date})
    read = result_of(lambda: retry_after_s(sent, wall_s), most_bytes=_MOST_BYTES)
    assert read is None or (isinstance(read, int) and 0 <= read <= 3600)
