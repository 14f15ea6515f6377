"""JSON that somebody else has written."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["read_object"]


def read_object(text: str | bytes) -> dict[str, Any] | None:
    """Return the JSON object that a text is; `None` for anything else.

    Args:
        text: Whatever has come.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
