"""Standard output as it is: in another encoding, closed, or read no further."""

from __future__ import annotations

import codecs
import io
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["look_away_from", "make_printable"]

_PLAIN: Final = {"→": "->", "…": "..."}
_HANDLER: Final = "jupyter_ai_ws.plain"


def make_printable(stream: TextIO | None) -> None:
    """Have a stream write plain characters in place of those that its encoding lacks.

    Args:
        stream: Standard output; `None`: closed.
    """
    if isinstance(stream, io.TextIOWrapper):
        codecs.register_error(_HANDLER, _plain)
        stream.reconfigure(errors=_HANDLER)


def look_away_from(stream: TextIO | None) -> None:
    """Have what is still to be written to a broken pipe go nowhere, at the exit too."""
    if stream is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_PLAIN.get(character, "?") for character in text), error.end
