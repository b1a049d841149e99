"""shared.formats: GUIDs."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.formats import is_guid


@given(st.uuids())
def test_every_guid(guid: UUID) -> None:
    """A GUID is accepted in lower and in upper case."""
    assert is_guid(str(guid))
    assert is_guid(str(guid).upper())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("{35d830cb-f062-4062-9792-d6316039df56}", id="braces"),
        pytest.param("35d830cbf06240629792d6316039df56", id="no hyphens"),
        pytest.param("35d830cb-f062-4062-9792-d6316039df5", id="a digit short"),
        pytest.param("35d830cb-f062-4062-9792-d6316039df567", id="a digit over"),
        pytest.param("35d830cg-f062-4062-9792-d6316039df56", id="not hexadecimal"),
        pytest.param("35d830cb-f062-4062-9792-d6316039df56\n", id="line feed"),
        pytest.param("٣5d830cb-f062-4062-9792-d6316039df56", id="another script's digit"),
        pytest.param("35d830cb-f062-4062-9792-d6316039df56/../x", id="a path behind it"),
    ],
)
def test_not_a_guid(text: str) -> None:
    """Only a bare GUID is accepted, so that no account id can contain a path or a line feed."""
    assert not is_guid(text)
