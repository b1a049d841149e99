"""Settings in seconds."""

import pytest

from tests.unit.support import NAMES
from tests.unit.test_settings import violations_of


@pytest.mark.parametrize(
    ("name", "minimum", "maximum"),
    [
        ("ARR_REFRESH_AFTER_SECONDS", 1, 77_727),  # 82800 leaves no room for the default ARR_MIN_VALIDITY_SECONDS
        ("ARR_MIN_VALIDITY_SECONDS", 0, 82_440),
        ("ARR_MAX_WAIT_SECONDS", 1, 60),
    ],
)
def test_seconds(name: str, minimum: int, maximum: int) -> None:
    """A number of seconds is accepted from its minimum to its maximum, and refused beyond."""
    assert violations_of(**{name: str(minimum)}) == violations_of(**{name: str(maximum)}) == ()
    for beyond in (minimum - 1, maximum + 1):
        assert [violation.split()[0] for violation in violations_of(**{name: str(beyond)})] in (
            [name],
            ["ARR_REFRESH_AFTER_SECONDS"],
        )


@pytest.mark.parametrize("value", ["1.5", "1e3", "+60", "-1", "1_0", "sixty", "٦", "9" * 5000, "0x10"])
@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("_SECONDS")])
def test_seconds_are_whole_numbers(name: str, value: str) -> None:
    """A number of seconds consists of digits; otherwise its range is named."""
    (violation,) = violations_of(**{name: value})
    assert violation.startswith(f"{name} must be a whole number of seconds from ")


@pytest.mark.parametrize(
    ("refresh_after_s", "min_validity_s", "fits"),
    [
        pytest.param(78_545, 0, True, id="1.1 times is 86399.5"),
        pytest.param(78_546, 0, False, id="1.1 times is 86400.6"),
        pytest.param(3_270, 82_800, True, id="86397 with the largest ARR_MIN_VALIDITY_SECONDS"),
        pytest.param(3_273, 82_800, False, id="86400.3 with the largest ARR_MIN_VALIDITY_SECONDS"),
        pytest.param(70_000, 9_400, True, id="86400 exactly"),
        pytest.param(70_000, 9_401, False, id="86401"),
        pytest.param(82_800, 0, False, id="91080 alone"),
    ],
)
def test_the_refresh_comes_before_the_token_is_unusable(refresh_after_s: int, min_validity_s: int, fits: bool) -> None:
    """Times with which no token would be stale while usable, so that requests wait for each refresh, are refused."""
    found = violations_of(ARR_REFRESH_AFTER_SECONDS=str(refresh_after_s), ARR_MIN_VALIDITY_SECONDS=str(min_validity_s))
    rule = "at most 86400 when multiplied by 1.1 and added to ARR_MIN_VALIDITY_SECONDS"
    assert found == (() if fits else (f"ARR_REFRESH_AFTER_SECONDS must be {rule}",))
