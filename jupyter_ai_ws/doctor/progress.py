"""One line on a terminal that says how far it is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["Progress"]

BAR_CHARACTERS: Final = 24


class Progress:
    """A bar that is drawn over itself; nothing where the stream is no terminal."""

    def __init__(self, stream: TextIO) -> None:
        """Take where to draw."""
        self._stream = stream
        self._visible = stream.isatty()
        self._drawn = ""

    def show(self, share: float, text: str) -> None:
        """Draw.

        Args:
            share: How much is done, from 0 to 1.
            text: What is going on.
        """
        filled = round(min(1.0, max(0.0, share)) * BAR_CHARACTERS)
        line = f"[{'#' * filled}{'.' * (BAR_CHARACTERS - filled)}] {text}"
        line = line[: shutil.get_terminal_size().columns - 1]
        if self._visible and line != self._drawn:
            self._stream.write(f"\r\x1b[K{line}")
            self._stream.flush()
            self._drawn = line

    def clear(self) -> None:
        """Take the line away, so that something else can be written."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = ""
