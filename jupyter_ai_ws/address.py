"""Addresses of strangers."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["is_readable"]


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
