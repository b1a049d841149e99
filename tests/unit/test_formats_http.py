"""shared.formats: HTTP dates and Retry-After."""

import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.formats import http_date, retry_after_s

_DATE = "Tue, 24 Nov 2026 18:02:52 GMT"
_SECONDS = 1795543372
_MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001  # the time zone is added


@given(_MOMENTS)
def test_dates_are_read(moment: datetime) -> None:
    """An HTTP date is read to the second."""
    whole = moment.replace(microsecond=0)
    assert http_date(format_datetime(whole, usegmt=True)) == whole.timestamp()


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        pytest.param(_DATE, _SECONDS, id="RFC 9110"),
        pytest.param("Tuesday, 24-Nov-26 18:02:52 GMT", _SECONDS, id="RFC 850"),
        pytest.param("Tue Nov 24 18:02:52 2026", _SECONDS, id="asctime"),
        pytest.param("Tue, 24 Nov 2026 18:02:52 -0000", _SECONDS, id="no time zone given"),
        pytest.param("Tue, 24 Nov 2026 19:02:52 +0100", _SECONDS, id="another time zone"),
        pytest.param("Tue, 24 Nov 2026 25:02:52 GMT", None, id="25 o'clock"),
        pytest.param("Tue, 24 Nov 2026 18:02:52 +9999999", None, id="no such time zone"),
        pytest.param("Tue, 24 Nov 99999999999999999999 18:02:52 GMT", None, id="a year beyond any"),
        pytest.param("2026-11-24T18:02:52Z", None, id="ISO"),
        pytest.param("now", None, id="a word"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="none"),
    ],
)
def test_date_forms(date: str | None, seconds: int | None) -> None:
    """Every form of date that HTTP has ever allowed is read; anything else counts as no date."""
    assert http_date(date) == seconds


@pytest.mark.usefixtures("_in_japan")
def test_a_date_without_time_zone_is_utc() -> None:
    """A date without a time zone does not depend on the host's time zone."""
    assert http_date("Tue Nov 24 18:02:52 2026") == _SECONDS


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("0", 0, id="zero"),
        pytest.param("30", 30, id="seconds"),
        pytest.param(" 30 ", 30, id="white space"),
        pytest.param("0030", 30, id="leading zeros"),
        pytest.param("3600", 3600, id="an hour"),
        pytest.param("3601", 3600, id="more than an hour"),
        pytest.param("9" * 5000, 3600, id="more digits than Python reads"),
        pytest.param("0" * 5000 + "7", 7, id="more zeros than Python reads"),
        pytest.param("-1", None, id="negative"),
        pytest.param("1.5", None, id="a fraction"),
        pytest.param("٣", None, id="another script's digit"),
        pytest.param("soon", None, id="a word"),
        pytest.param("", None, id="empty"),
    ],
)
def test_retry_after_in_seconds(value: str, seconds: int | None) -> None:
    """Retry-After in seconds is used unchanged, up to an hour."""
    assert retry_after_s({"Retry-After": value}, 0.0) == seconds


@pytest.mark.parametrize(
    ("date", "wall_s", "seconds"),
    [
        pytest.param("Tue, 24 Nov 2026 18:02:22 GMT", 0.0, 30, id="counts from the upstream's own Date"),
        pytest.param("Tue, 24 Nov 2026 18:03:52 GMT", 0.0, 0, id="past by the upstream's own Date"),
        pytest.param(None, _SECONDS - 40.0, 40, id="counts from this host's clock without one"),
        pytest.param("rubbish", _SECONDS - 40.0, 40, id="counts from this host's clock with an unreadable one"),
        pytest.param(None, _SECONDS - 4000.0, 3600, id="more than an hour"),
    ],
)
def test_retry_after_as_a_date(date: str | None, wall_s: float, seconds: int) -> None:
    """Retry-After as a date counts from the upstream's Date, so a wrong clock of this host does not matter."""
    headers = {"Retry-After": _DATE} | ({} if date is None else {"Date": date})
    assert retry_after_s(headers, wall_s) == seconds


def test_no_retry_after() -> None:
    """A response without Retry-After asks for no particular time."""
    assert retry_after_s({"Date": _DATE}, 0.0) is None


@pytest.mark.parametrize("text", ["(" * 16_000, "1" * 16_000, " " * 16_000, "Tue, " * 3_000], ids=lambda text: text[:4])
def test_a_long_header_is_read_quickly(text: str) -> None:
    """A long header without meaning does not delay the exchange."""
    began = time.perf_counter()
    assert http_date(text) is None
    assert time.perf_counter() - began < 1
