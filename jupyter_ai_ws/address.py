"""Addresses of strangers."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

__all__ = ["is_readable", "with_plain_names"]

_UNRESERVED: Final = re.compile("%(?:2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)", re.IGNORECASE)
"""Letters, digits and `-._~`, percent-encoded: the same as if they were not (RFC 3986, 2.3)."""


def is_readable(address: str) -> bool:
    """Tell whether an address can be taken apart; where not, `urllib` raises.

    Args:
        address: Anything.
    """
    try:
        urlsplit(address)
    except ValueError:
        return False
    return True


def with_plain_names(target: str) -> str:
    """Write the names in a query without percent signs that need not be.

    jupyter_server hides a token in its log by that name only.

    Args:
        target: Path and query.
    """
    path, mark, query = target.partition("?")
    fields = [field.partition("=") for field in query.split("&")]
    return path + mark + "&".join(_plain(name) + sign + value for name, sign, value in fields)


def _plain(name: str) -> str:
    return _UNRESERVED.sub(lambda found: unquote(found[0]), name)
