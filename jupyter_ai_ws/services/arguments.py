"""What services may give to a channel.

It is checked before anything is written: what is malformed on the wire ends the session of every
extension of the page, and not only the channel of the service that was wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ..protocol.errors import RecordTooLargeError
from ..protocol.limits import MAX_CODE, MIN_CODE, RECORD_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..protocol.channel import Record

__all__ = ["MAX_DEPTH", "Sendable", "check_end", "check_parameters", "record_of"]

MAX_DEPTH: Final = 100
"""Objects and lists of parameters within one another. Every JSON parser takes many more (F6)."""

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


def check_parameters(parameters: dict[str, Any] | None) -> None:
    """Check what the page is to learn with `accept`; whether JSON can write it shows later.

    Raises:
        TypeError: It is no dict.
        ValueError: It is nested too deeply.
    """
    if not isinstance(parameters, dict | None):
        raise TypeError(f"parameters is a dict, not {type(parameters).__name__}")
    if _is_deeper(parameters, MAX_DEPTH):
        raise ValueError(
            f"parameters are nested deeper than {MAX_DEPTH} levels, or hold themselves. "
            "Send them as a record."
        )


def check_end(code: int, reason: str) -> None:
    """Check how a channel is to end.

    Raises:
        TypeError: The code is no integer, or the reason no text.
        ValueError: The code is out of range.
    """
    is_integer = isinstance(code, int) and not isinstance(code, bool)
    if not is_integer or not MIN_CODE <= code <= MAX_CODE:
        error = ValueError if is_integer else TypeError
        raise error(f"code is an int from {MIN_CODE} to {MAX_CODE}, not {code!r}")
    if not isinstance(reason, str):
        raise TypeError(f"reason is a str, not {type(reason).__name__}")


def _is_deeper(value: object, levels: int) -> bool:
    inner: Iterable[object]
    if isinstance(value, dict):
        inner = value.values()
    elif isinstance(value, list | tuple):
        inner = value
    else:
        return False
    return not levels or any(_is_deeper(each, levels - 1) for each in inner)
