"""The applications at both ends of a channel, and what each of them saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from jupyter_ai_ws.protocol.channel import Channel, ChannelListener, Final
from jupyter_ai_ws.protocol.errors import QueueFullError

from .ends import DeliberateError

if TYPE_CHECKING:
    from random import Random

    from .world import World

Record = str | bytes

TEXTS = (
    "",
    "x",
    "token ",
    "日本語",
    "\x1e",
    "a\x1eb",
    '{"a":1}',
    "0\x1e",
    "\ud800".encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"),
)


def make_record(random: Random, number: int, size: int) -> Record:
    """Make a record nobody else sends: text or bytes, with what splits and separates."""
    filler = random.choice(TEXTS)
    if size:
        filler = (filler or "y") * (size // max(len(filler), 1))
    text = f"{number}:{filler}"
    return text.encode() if random.random() < 0.2 else text


class Application(ChannelListener):
    """One end of one channel: sends what the plan says, notes what it gets."""

    def __init__(self, world: World, channel: Channel, side: str) -> None:
        self.world = world
        self.channel = channel
        self.side = side
        self.sent: list[Record] = []
        self.received: list[Record] = []
        self.final: Final | None = None
        self.closed_by_us: str | None = None
        self.pending: list[Record] = []
        self.stalled = False
        self.troubles = 0.0
        channel.listener = self
        channel.queue_limit_bytes = world.plan.queue_limit_bytes

    def send(self, record: Record) -> None:
        """Send, or wait until the queue has room."""
        if self.closed_by_us or self.channel.final is not None:
            return
        if self.pending:
            self.pending.append(record)
            return
        try:
            self.channel.send(record)
        except QueueFullError:
            self.pending.append(record)
        else:
            self.sent.append(record)

    def writable(self, channel: Channel) -> None:
        while self.pending and self.channel.writable:
            record = self.pending.pop(0)
            self.channel.send(record)
            self.sent.append(record)
        self._maybe_trouble()

    def accepted(self, channel: Channel) -> None:
        self._maybe_trouble()

    def readable(self, channel: Channel) -> None:
        if self.final is not None:
            self._fail("an event after the final one (X1)")
        if not self.stalled:
            self.drain()

    def try_to_drain(self) -> bool:
        """Take all there is; tell whether no trouble came between."""
        try:
            self.drain()
        except DeliberateError:
            return False
        return True

    def drain(self) -> None:
        """Take all there is; sometimes make trouble between two records."""
        while (record := self.channel.take()) is not None:
            if self.closed_by_us:
                self._fail("record after own close (X4)")
            self.received.append(record)
            self.world.happened(self)
            self._maybe_trouble()
        if self.channel.final is not None and self.channel.empty:
            self.final = self.channel.final
            self.pending.clear()
            self._maybe_trouble()

    def close(self, how: str) -> None:
        """Close as a user would: gracefully or not."""
        if self.channel.final is not None or self.closed_by_us:
            return
        self.closed_by_us = how
        self.pending.clear()
        if how == "close":
            self.channel.close(3000, "enough")
        else:
            self.channel.abort(3001, "stop")

    def _fail(self, message: str) -> NoReturn:
        self.world.fail(f"{self.side} channel {self.channel.number}: {message}")

    def _maybe_trouble(self) -> None:
        if self.troubles and self.world.random.random() < self.troubles:
            self._trouble()

    def _trouble(self) -> None:
        """Do in a handler what handlers should not do (C6)."""
        kind = self.world.random.choice(("raise", "reconnect", "close", "abort", "send"))
        if kind == "raise":
            raise DeliberateError
        if kind == "reconnect" and self.side == "page":
            self.world.page.connector.reconnect(self.world.clock.now_ms)
        elif kind == "send":
            self.send(self.world.next_record(0))
        elif kind in ("close", "abort"):
            self.close(kind)
