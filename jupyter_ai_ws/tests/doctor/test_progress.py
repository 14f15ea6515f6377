"""The line that says how far it is."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from jupyter_ai_ws.doctor.progress import Progress

if TYPE_CHECKING:
    import pytest


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_is_drawn_over_itself_and_taken_away() -> None:
    stream = Terminal()
    progress = Progress(stream)
    progress.show(0.5, "half")
    progress.show(0.5, "half")
    progress.show(1.0, "whole")
    progress.clear()
    progress.clear()
    half = "[" + "#" * 12 + "." * 12 + "] half"
    whole = "[" + "#" * 24 + "] whole"
    assert stream.getvalue() == f"\r\x1b[K{half}\r\x1b[K{whole}\r\x1b[K"


def test_is_not_drawn_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    progress.show(0.5, "half")
    progress.clear()
    assert stream.getvalue() == ""


def test_stays_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    Progress(stream).show(2.0, "x" * 100)
    assert len(stream.getvalue().removeprefix("\r\x1b[K")) == 39
