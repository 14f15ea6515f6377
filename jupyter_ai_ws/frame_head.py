"""The first bytes of a WebSocket frame (RFC 6455, 5.2)."""

from __future__ import annotations

import struct
from typing import Final

__all__ = ["BINARY", "CLOSE", "PING", "PONG", "TEXT", "frame_head"]

TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA
_FINAL_FRAGMENT: Final = 0x80


def frame_head(opcode: int, size: int) -> bytes:
    """Return what goes before the payload of an unmasked frame that is a whole message.

    Args:
        opcode: Its kind.
        size: Bytes of its payload.
    """
    first = _FINAL_FRAGMENT | opcode
    if size < 126:
        return bytes((first, size))
    if size < 1 << 16:
        return struct.pack(">BBH", first, 126, size)
    return struct.pack(">BBQ", first, 127, size)
