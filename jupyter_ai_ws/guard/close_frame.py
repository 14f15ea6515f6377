"""What is in a close frame (RFC 6455, 5.5.1), with the codes that the DOM adds."""

from __future__ import annotations

import struct
from typing import Final

from ..protocol.limits import CloseCode
from ..protocol.text import well_formed

__all__ = [
    "FAILED",
    "INVALID_DATA",
    "PROTOCOL_ERROR",
    "format_close",
    "parse_close",
]

PROTOCOL_ERROR: Final = 1002
INVALID_DATA: Final = 1007
FAILED: Final = "failed"
"""The reason beside 1006 where a browser would fail the connection: its page hears `error` then."""
_RESERVED: Final = (CloseCode.NO_STATUS, CloseCode.ABNORMAL, 1015)
"""Never in a close frame (RFC 6455, 7.4.1)."""


def format_close(code: int, reason: str = "") -> bytes:
    """Return the payload of a close frame.

    Args:
        code: 1005 for none, else 1000 to 4999.
        reason: Text of at most 123 UTF-8 bytes; left out where there is no code.
    """
    if code == CloseCode.NO_STATUS:
        return b""
    return struct.pack(">H", code) + well_formed(reason).encode()


def parse_close(payload: bytes) -> tuple[int, str] | None:
    """Read the payload of a close frame as a browser does; `None`: it is nonsense.

    Args:
        payload: At most 125 bytes.

    Returns:
        The code, 1005 for none, and the reason. Browsers take codes that no endpoint may send.
    """
    if not payload:
        return CloseCode.NO_STATUS, ""
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or code in _RESERVED:
        return None
    try:
        return code, payload[2:].decode()
    except UnicodeDecodeError:
        return None
