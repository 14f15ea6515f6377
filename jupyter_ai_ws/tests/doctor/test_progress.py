"""The line that says how far it is."""

from __future__ import annotations

import fcntl
import io
import pty
import struct
import termios

import pytest

from jupyter_ai_ws.doctor.progress import Progress, width_of


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return -1  # one that does not tell its width


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


@pytest.fixture(autouse=True)
def _capable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(("columns", "width"), [(40, 40), (0, 80)])
def test_stays_on_one_line_of_its_own_terminal(columns: int, width: int) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    with open(theirs, "w") as stream, open(ours, "rb", buffering=0) as screen:
        assert width_of(stream) == width
        Progress(stream).show(2.0, "x" * 100)
        assert len(screen.read(1000)) == len("\r\x1b[K") + width - 1


def test_dumb_terminal_gets_no_escape_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    Progress(stream).show(0.5, "half")
    assert stream.getvalue() == ""


def test_closed_standard_error_costs_nothing() -> None:
    progress = Progress(None)
    progress.show(0.5, "half")
    progress.clear()
