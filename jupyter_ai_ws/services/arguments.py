"""What services may give to a channel.

It is checked before anything is written: what is malformed on the wire ends the session of every
extension of the page, and not only the channel of the service that was wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ..protocol.errors import RecordTooLargeError
from ..protocol.limits import RECORD_LIMIT_BYTES

if TYPE_CHECKING:
    from ..protocol.channel import Record

__all__ = ["Sendable", "record_of"]

Sendable: TypeAlias = "str | bytes | bytearray | memoryview"
"""What can be sent: text, or bytes in any of their forms."""


def record_of(value: Sendable) -> Record:
    """Return the record to send, with a copy of what the caller may change.

    Args:
        value: Text or bytes.

    Raises:
        TypeError: It is something else, which must not be guessed at: `bytes(5)` is five zeros.
        RecordTooLargeError: It is over 16 MiB. It was not copied.
    """
    if isinstance(value, str | bytes):
        return value
    if not isinstance(value, bytearray | memoryview):
        raise TypeError(
            f"{type(value).__name__} cannot be sent. Send str or bytes, such as json.dumps(…)."
        )
    with memoryview(value) as view:
        if view.nbytes > RECORD_LIMIT_BYTES:
            raise RecordTooLargeError(view.nbytes, RECORD_LIMIT_BYTES)
        return view.tobytes()
