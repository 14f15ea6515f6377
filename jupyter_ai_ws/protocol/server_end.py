"""What only the server's end of a session does (section Z)."""

from __future__ import annotations

from sys import getsizeof
from typing import Any

from .channel import Channel, checked
from .errors import broken
from .limits import CloseCode
from .records import Accept, Open, Record, Refuse
from .session import Session, SessionListener


class ServerSession(Session):
    """The server's end of a session.

    Attributes:
        max_channels: Channels open at once; beyond, `open` is refused with 4429.
        memory_bytes: What logs, queues, inboxes, unfinished records and parameters hold (P2).
    """

    def __init__(self, listener: SessionListener, max_channels: int = 256) -> None:
        """Begin without a socket.

        Args:
            listener: Who drives it.
            max_channels: Channels open at once.
        """
        super().__init__(listener)
        self.max_channels = max_channels
        self.memory_bytes = 0

    def end(self, reason: str) -> None:
        """End the session; nothing is held any more."""
        self.hold(-self.memory_bytes)
        super().end(reason)

    def hold(self, delta: int) -> None:
        """Account for memory (P2)."""
        if self.ended is None and delta:
            self.memory_bytes += delta
            self.listener.memory_changed(delta)

    def forget(self, channel: Channel, *, peer_closed: bool) -> None:
        """Drop a channel that is gone from the wire (Z3)."""
        if isinstance(channel, ServerChannel):
            self.hold(-channel.parameters_cost)
        super().forget(channel, peer_closed=peer_closed)

    def receive_record(self, record: Record, cost: int, now_ms: float) -> None:
        """Take in a record of channel 0, which came in a unit of that cost."""
        if isinstance(record, Open):
            self._receive_open(record, cost)
        elif isinstance(record, Accept | Refuse) and record.channel in self.channels:
            broken("Z", f"{type(record).__name__.lower()} from the page")
        else:
            super().receive_record(record, cost, now_ms)
        if self.control_full:
            broken("M", "too much waits on channel 0")

    def _receive_open(self, record: Open, cost: int) -> None:
        if record.channel < self.next_channel:
            broken("Z2", f"channel {record.channel} was opened before")
        self.next_channel = record.channel + 1
        channel = ServerChannel(self, record.channel, record.service, record.parameters)
        channel.parameters_cost = max(cost, _taken_bytes(record.parameters))
        self.channels[record.channel] = channel
        self.hold(channel.parameters_cost)
        if len(self.channels) > self.max_channels:
            channel.refuse(CloseCode.TOO_MANY, f"{self.max_channels} channels are open already")
            return
        try:
            self.listener.channel_requested(channel)
        except Exception as error:
            self.listener.handler_failed(error)


class ServerChannel(Channel):
    """A channel at the server's end.

    Attributes:
        parameters_cost: What its parameters count for (P2).
    """

    __slots__ = ("parameters_cost",)

    def __init__(
        self, session: Session, number: int, service: str, parameters: dict[str, Any]
    ) -> None:
        """Begin as asked for by the page and not yet accepted; see `Channel`."""
        super().__init__(session, number, service, parameters)
        self.parameters_cost = 0

    def accept(self, parameters: dict[str, Any] | None = None) -> None:
        """Open the channel that the page asked for.

        Raises:
            RecordTooLargeError: `parameters` take more than 16 KiB.
        """
        if self.state == "opening":
            self._session.write_record(Accept(self.number, parameters or {}))
            self.accepted(parameters or {})

    def refuse(self, code: int, reason: str) -> None:
        """Refuse the channel that the page asked for."""
        if self.state == "opening":
            code, reason = checked(code, reason)
            self._session.write_record(Refuse(self.number, code, reason))
            self.refused(code, reason, received=False)

    def abort(self, code: int = CloseCode.NORMAL, reason: str = "") -> None:
        """Discard the queue and close at once (X2); before `accept`: `refuse`."""
        if self.state == "opening":
            self.refuse(code, reason)
        else:
            super().abort(code, reason)

    def discard(self) -> None:
        """Take every record that waits, at once; nobody is to have them (X4, P2)."""
        if not self._inbox:
            return
        count, cost = len(self._inbox), self.inbox_cost
        self._inbox.clear()
        self.inbox_cost = 0
        self._session.hold(-cost)
        self.taken += count - 1
        self._count_taken(cost)

    def closed(self, code: int, reason: str) -> None:
        """Handle `close`, which may come before `accept` (X2, X3)."""
        if self.state == "opening":
            super().abort(code, reason)
        super().closed(code, reason)

    def _drop_inbox(self) -> None:
        self.discard()


def _taken_bytes(value: object) -> int:
    """Return what JSON takes in memory once it is read: many times its text, if it is `[[],[],…`.

    What occurs more than once, as small numbers do, is counted each time.
    """
    taken_bytes = 0
    left = [value]
    while left:
        each = left.pop()
        taken_bytes += getsizeof(each)
        if isinstance(each, dict):
            left += each
            left += each.values()
        elif isinstance(each, list):
            left += each
    return taken_bytes
