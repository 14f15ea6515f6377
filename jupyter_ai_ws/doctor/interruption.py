"""Signals that end the command as Ctrl-C does: everything that was started is ended first."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["INTERRUPTED", "SignalError", "signals_cancel"]

INTERRUPTED: Final = 130
"""Exit status after Ctrl-C: 128 and the number of SIGINT."""
_NAMES: Final = ("SIGTERM", "SIGHUP")
"""How schedulers, containers and closed terminals end a command; Windows lacks the second."""


class SignalError(Exception):
    """A signal ended the examination.

    Attributes:
        exit_status: What a shell says of such an end.
    """

    def __init__(self, number: int) -> None:
        """Take the number of the signal."""
        super().__init__(f"signal {number}")
        self.exit_status = 128 + number


@contextmanager
def signals_cancel() -> Iterator[None]:
    """Cancel the task that is in this context when SIGTERM or SIGHUP comes.

    Raises:
        SignalError: One has come, and the context has cleaned up.
    """
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("not in a task")
    loop = asyncio.get_running_loop()
    came: list[int] = []

    def cancel(number: int) -> None:
        came.append(number)
        task.cancel()

    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    handled = []
    for number in numbers:
        if signal.getsignal(number) is signal.SIG_IGN:
            continue  # as nohup wants it
        with suppress(NotImplementedError):  # not on Windows
            loop.add_signal_handler(number, cancel, number)
            handled.append(number)
    try:
        yield
    except asyncio.CancelledError:
        if came:
            raise SignalError(came[0]) from None
        raise
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
