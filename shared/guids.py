"""GUIDs, as Azure writes account and object ids."""

import uuid


def is_guid(text: str) -> bool:
    """Tell whether the text is a GUID with hyphens and without braces."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
