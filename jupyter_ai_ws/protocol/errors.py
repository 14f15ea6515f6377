"""Errors of the protocol.

* `AiWsError`: base of all
    * `ProtocolError`: the other end broke a rule (B1)
    * `RecordTooLargeError`: a record is over its limit (M)
    * `QueueFullError`: a queue takes no record now (W3)
    * `ChannelClosedError`: the channel takes no record any more (X4)
    * `SessionEndedError`: the session is gone (H9)
"""

from __future__ import annotations

from typing import NoReturn

from .limits import REASON_LIMIT_BYTES
from .text import fit_text


class AiWsError(Exception):
    """Base of every error of this package."""


class ProtocolError(AiWsError):
    """The other end broke a rule; the session cannot go on (B1)."""

    def __init__(self, rule: str, message: str) -> None:
        """Name the broken rule.

        Args:
            rule: Number of the rule in docs/protocol.md, like "F3".
            message: What was wrong, in a few words.
        """
        super().__init__(f"{rule}: {message}")
        self.rule = rule
        self.message = message

    @property
    def reason(self) -> str:
        """Text for the close frame, at most 123 UTF-8 bytes (Z4)."""
        return fit_text(f"{self.rule}: {self.message}", REASON_LIMIT_BYTES)


def broken(rule: str, message: str) -> NoReturn:
    """Say that the other end broke a rule.

    Raises:
        ProtocolError: Always; see its constructor.
    """
    raise ProtocolError(rule, message)


class RecordTooLargeError(AiWsError):
    """A record is over its limit and was not sent (M)."""

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        """Tell the size.

        Args:
            size_bytes: Size of the refused record.
            limit_bytes: The most a record may have.
        """
        super().__init__(
            f"A record of {size_bytes:,} bytes is over the limit of {limit_bytes:,}. "
            "Send it in parts."
        )
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes


class QueueFullError(AiWsError):
    """The queue is full and the record was not sent (W3)."""

    def __init__(self, message: str = "The queue is full. Wait until it has room.") -> None:
        """Say what to wait for."""
        super().__init__(message)


class ChannelClosedError(AiWsError):
    """The channel is closed and the record was not sent (X4)."""

    def __init__(self, message: str = "The channel is closed. Open a new one.") -> None:
        """Say what to do next."""
        super().__init__(message)


class SessionEndedError(AiWsError):
    """The session has ended (H9)."""

    def __init__(self, message: str = "The session has ended. Open its channels again.") -> None:
        """Say what to do next."""
        super().__init__(message)
