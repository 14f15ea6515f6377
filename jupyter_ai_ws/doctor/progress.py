"""One line on a terminal that says how far it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["Progress", "width_of"]

BAR_CHARACTERS: Final = 24
DEFAULT_WIDTH_CHARACTERS: Final = 80
"""Of a terminal that does not tell."""


def width_of(stream: TextIO | None) -> int | None:
    """Return how many characters a line of a terminal has; `None`: it is no terminal.

    Args:
        stream: The terminal; `None`: closed.
    """
    if stream is None or not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or DEFAULT_WIDTH_CHARACTERS
    except (OSError, ValueError):
        return DEFAULT_WIDTH_CHARACTERS


class Progress:
    """A bar that is drawn over itself; nothing where the stream is no terminal, or a dumb one."""

    def __init__(self, stream: TextIO | None) -> None:
        """Take where to draw; `None`: nowhere."""
        self._stream = stream if os.environ.get("TERM") != "dumb" else None
        self._drawn = ""

    def show(self, share: float, text: str) -> None:
        """Draw.

        Args:
            share: How much is done, from 0 to 1.
            text: What is going on.
        """
        width = width_of(self._stream)
        if self._stream is None or width is None:
            return
        filled = round(min(1.0, max(0.0, share)) * BAR_CHARACTERS)
        line = f"[{'#' * filled}{'.' * (BAR_CHARACTERS - filled)}] {text}"
        line = line[: width - 1]
        if line != self._drawn:
            self._stream.write(f"\r\x1b[K{line}")
            self._stream.flush()
            self._drawn = line

    def clear(self) -> None:
        """Take the line away, so that something else can be written."""
        if self._stream is not None and self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = ""
