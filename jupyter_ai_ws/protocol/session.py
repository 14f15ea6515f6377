"""An ordered, exactly-once, two-way stream of records over a sequence of sockets (rules C-A, W, Z).

Sans I/O: frames go in through `receive`, come out of `flush`, and time is passed in. Both ends use
the same class; the role only decides who may send which record on channel 0.
"""

from __future__ import annotations

from collections import deque
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from .channel import Channel
from .errors import ProtocolError, QueueFullError, RecordTooLargeError, SessionEndedError
from .frames import Ack, Bye, FrameWriter, Ping, Pong, Welcome, encode_control
from .limits import (
    BULK_BYTES,
    CLOSE_STALL_MS,
    CONTROL_QUEUE_LIMIT_BYTES,
    REMEMBERED_CHANNELS,
    SERVICE_LIMIT_CHARACTERS,
    UNIT_LIMIT_BYTES,
    UNIT_OVERHEAD_BYTES,
    CloseCode,
)
from .log import Receipts, SendLog
from .records import (
    Accept,
    Close,
    Credit,
    Open,
    decode_record,
    encode_record,
)
from .records import Record as ChannelRecord
from .text import well_formed
from .units import MORE, WHOLE, Unit, utf8_length

if TYPE_CHECKING:
    from collections.abc import Callable

Role = Literal["page", "server"]


class SessionListener:
    """What a session tells the one who drives it. The base does nothing."""

    def flush_wanted(self) -> None:
        """Handle that `flush` has something to do; told once until `flush` runs."""

    def channel_requested(self, channel: Channel) -> None:
        """Handle `open`: call `accept` or `refuse` on the channel, now or later (server only)."""

    def handler_failed(self, error: Exception) -> None:
        """Handle that a listener raised; the stream goes on (C6)."""

    def pong(self, ping_id: int) -> None:
        """Handle a pong (L1)."""

    def acknowledged(self, outstanding: bool) -> None:
        """Handle an acknowledgement that advanced; `outstanding`: units are still unknown (L1)."""

    def units_received(self, cost: int) -> None:
        """Handle inbound units of that cost, before they are routed (L3)."""

    def memory_changed(self, delta: int) -> None:
        """Handle that the session holds so many bytes more, or less (P2)."""


class Session:
    """One end of a session.

    Attributes:
        role: Which end this is.
        log: What this end sent.
        receipts: What it received.
        channels: Channels by number that are alive on the wire.
        closing: Channels that close gracefully and still have units queued (X6).
        attached: Whether there is a welcomed socket.
        ended: Why the session is over; None while it lives.
        memory_bytes: What logs, queues, inboxes and unfinished records hold.
        max_channels: Channels open at once; beyond, `open` is refused with 4429.
        units_moved: Units written or received, channel 0 excluded; tells use from silence (L8).
    """

    def __init__(
        self,
        role: Role,
        listener: SessionListener,
        *,
        max_channels: int = 256,
        first_channel: int = 1,
    ) -> None:
        """Begin without a socket.

        Args:
            role: Which end this is.
            listener: Who drives it.
            max_channels: Channels open at once (server only).
            first_channel: Number of the next channel opened (Z2).
        """
        self.role = role
        self.listener = listener
        self.log = SendLog()
        self.receipts = Receipts()
        self.channels: dict[int, Channel] = {}
        self.closing: set[Channel] = set()
        self.attached = False
        self.ended: str | None = None
        self.memory_bytes = 0
        self.max_channels = max_channels
        self.units_moved = 0
        self.next_channel = first_channel  # page: the next to give; server: lowest not yet seen
        self._peer_closed: dict[int, None] = {}  # oldest first
        self._control: deque[Unit | Channel] = deque()  # a channel stands for its credit
        self._control_cost = 0
        self._turns: deque[Channel] = deque()
        self._pong: int | None = None
        self._flush_wanted = False
        self._attached_ms = 0.0
        self._stall_ms = inf

    # -- Sockets -------------------------------------------------------------------------

    def attach(self, received: int, now_ms: float) -> None:
        """Start on a welcomed socket whose other end has counted `received` units (H3, A4).

        Raises:
            ProtocolError: `received` is outside the log.
        """
        self._release(self.log.rewind(received))
        self.attached = True
        self._attached_ms = now_ms
        self._pong = None
        self.want_flush()

    def detach(self) -> None:
        """Stop writing; the session stays (S1)."""
        self.attached = False
        self._pong = None

    def end(self, reason: str) -> None:
        """End the session: every channel gets its discontinuity (H9). Idempotent."""
        if self.ended is not None:
            return
        self.ended = reason
        self.attached = False
        channels = list(self.channels.values())
        self.channels.clear()
        self.closing.clear()
        self._turns.clear()
        self._control.clear()
        self.listener.memory_changed(-self.memory_bytes)
        self.memory_bytes = 0
        for channel in channels:
            channel.discontinue(reason)

    def receive(self, frame: list[Unit] | Welcome | Ack | Ping | Pong | Bye, now_ms: float) -> None:
        """Take in one decoded frame of the current socket.

        Raises:
            ProtocolError: The frame breaks a rule; close with 4400 and `end` the session (B1).
        """
        if isinstance(frame, list):
            self._receive_units(frame, now_ms)
        elif isinstance(frame, Ack):
            self._acknowledge(frame.received)
        elif isinstance(frame, Ping):
            self._acknowledge(frame.received)
            self._pong = frame.id
            self.want_flush()
        elif isinstance(frame, Pong):
            self._acknowledge(frame.received)
            self.listener.pong(frame.id)
        else:
            raise ProtocolError("F1", f"{type(frame).__name__.lower()} not expected here")
        if self.receipts.due(now_ms):
            self.want_flush()

    def ping(self, ping_id: int) -> str:
        """Return the ping frame to write now; it acknowledges too (A2)."""
        return encode_control(Ping(ping_id, self.receipts.tell()))

    def flush(self, now_ms: float) -> list[str | bytes]:
        """Return the frames to write to the socket now, in order (F5, W1, W6)."""
        if not self.attached:
            self._flush_wanted = False
            return []
        self._flush_wanted = True  # what is wanted from here on is served below
        frames: list[str | bytes] = []
        self._check_stalled(now_ms)
        if self._pong is not None:
            frames.append(encode_control(Pong(self._pong, self.receipts.tell())))
            self._pong = None
        writer = FrameWriter()
        cost = 0
        for unit in self.log.unwritten():
            writer.add(unit)
            cost += unit.cost
        cost += self._move_units(writer, now_ms)
        if self.receipts.due(now_ms) or (self.receipts.owed and cost >= BULK_BYTES):
            frames.append(encode_control(Ack(self.receipts.tell())))
        frames.extend(writer.finish())
        self._flush_wanted = False
        return frames

    @property
    def has_unsent(self) -> bool:
        """Whether a socket would be given something that no socket was given yet (L8)."""
        return bool(self._control or self._turns)

    @property
    def next_ms(self) -> float:
        """When `tick` must be called next; infinity: not at all."""
        if not self.attached:
            return inf
        return min(self.receipts.next_ms, self._stall_ms)

    def tick(self, now_ms: float) -> None:
        """Do what has fallen due by time (A2, X6)."""
        if self.attached and now_ms >= self.next_ms:
            self._check_stalled(now_ms)
            self.want_flush()

    # -- Channels ------------------------------------------------------------------------

    def open(self, service: str, parameters: dict[str, Any] | None = None) -> Channel:
        """Open a channel to a service (page only). Units wait for `accept` (Z5).

        Raises:
            ValueError: `service` has not 1 to 128 characters (Z4).
            SessionEndedError: The session is over.
            QueueFullError: Too much waits on channel 0 already.
            RecordTooLargeError: `parameters` take more than 16 KiB.
        """
        if not 1 <= len(service) <= SERVICE_LIMIT_CHARACTERS:
            raise ValueError("a service's name has 1 to 128 characters")
        if self.ended is not None:
            raise SessionEndedError
        if self._control_cost > CONTROL_QUEUE_LIMIT_BYTES:
            raise QueueFullError("too many channels wait to be opened; wait for some to open")
        channel = Channel(self, self.next_channel, service, parameters or {})
        channel.request = self.write_record(Open(channel.number, service, channel.parameters))
        self.next_channel += 1
        self.channels[channel.number] = channel
        return channel

    # -- For channels --------------------------------------------------------------------

    def write_record(self, record: ChannelRecord) -> Unit:
        """Queue a record of channel 0, as it is now; return its unit.

        Raises:
            RecordTooLargeError: It takes more than 16 KiB (Z1).
        """
        unit = _control_unit(record)
        if unit.cost > UNIT_LIMIT_BYTES + UNIT_OVERHEAD_BYTES:
            raise RecordTooLargeError(unit.cost - UNIT_OVERHEAD_BYTES, UNIT_LIMIT_BYTES)
        self._control.append(unit)
        self._control_cost += unit.cost
        self.want_flush()
        return unit

    def write_credit(self, channel: Channel) -> None:
        """Queue a credit; `taken` is read when it leaves, so later ones merge into it (W5)."""
        self._control.append(channel)
        self.want_flush()

    def cancel_open(self, request: Unit) -> bool:
        """Take back an `open` that has not left the queue; tell whether it had not (X5)."""
        if request not in self._control:
            return False
        self._control.remove(request)
        self._control_cost -= request.cost
        return True

    def take_turn(self, channel: Channel) -> None:
        """Let the channel write when it has something that may move (W6)."""
        if not channel.in_turn and channel.next_unit is not None:
            channel.in_turn = True
            self._turns.append(channel)
            self.want_flush()

    def forget(self, channel: Channel, *, peer_closed: bool) -> None:
        """Drop a channel that is gone from the wire (Z3)."""
        self.channels.pop(channel.number, None)
        if peer_closed:
            self._peer_closed[channel.number] = None
            if len(self._peer_closed) > REMEMBERED_CHANNELS:
                del self._peer_closed[next(iter(self._peer_closed))]

    def hold(self, delta: int) -> None:
        """Account for memory (P2)."""
        if self.ended is None and delta:
            self.memory_bytes += delta
            self.listener.memory_changed(delta)

    def call(self, listen: Callable[[Channel], None], channel: Channel) -> None:
        """Call a listener; what it raises is reported and stops nothing (C6)."""
        try:
            listen(channel)
        except Exception as error:
            self.listener.handler_failed(error)

    def want_flush(self) -> None:
        """Ask once for `flush`."""
        if not self._flush_wanted:
            self._flush_wanted = True
            self.listener.flush_wanted()

    # -- Private: inbound ----------------------------------------------------------------

    def _acknowledge(self, received: int) -> None:
        released = self.log.acknowledge(received)
        if released:
            self._release(released)
            self.listener.acknowledged(self.log.cost > 0)
            if self._turns or self._control:
                self.want_flush()

    def _release(self, units: list[Unit]) -> None:
        cost = 0
        for unit in units:
            cost += unit.cost
            if unit.form != MORE and unit.channel:
                channel = self.channels.get(unit.channel)
                if channel is not None:
                    channel.acknowledge_record()
        self.hold(-cost)

    def _receive_units(self, units: list[Unit], now_ms: float) -> None:
        cost = 0
        for unit in units:
            cost += unit.cost
        self.receipts.count(len(units), cost, now_ms)
        self.listener.units_received(cost)
        for unit in units:
            if self.ended is not None:
                return
            if unit.channel == 0:
                self._receive_record(decode_record(str(unit.payload)), now_ms)
                continue
            self.units_moved += 1
            channel = self.channels.get(unit.channel)
            if channel is not None:
                channel.unit(unit)
            else:
                self._check_gone(unit.channel)

    def _receive_record(self, record: ChannelRecord, now_ms: float) -> None:
        if isinstance(record, Open):
            self._receive_open(record)
            return
        channel = self.channels.get(record.channel)
        if channel is None:
            self._check_gone(record.channel)
        elif isinstance(record, Credit):
            channel.credited(record.taken, now_ms)
        elif isinstance(record, Close):
            channel.closed(record.code, record.reason)
        elif self.role == "server":
            raise ProtocolError("Z", f"{type(record).__name__.lower()} from the page")
        elif isinstance(record, Accept):
            channel.accepted(record.parameters)
        else:
            channel.refused(record.code, record.reason)
        if self._control_cost > CONTROL_QUEUE_LIMIT_BYTES and self.role == "server":
            raise ProtocolError("M", "too much waits on channel 0")

    def _receive_open(self, record: Open) -> None:
        if self.role == "page":
            raise ProtocolError("Z", "open from the server")
        if record.channel < self.next_channel:
            raise ProtocolError("Z2", f"channel {record.channel} was opened before")
        self.next_channel = record.channel + 1
        channel = Channel(self, record.channel, record.service, record.parameters)
        self.channels[record.channel] = channel
        if len(self.channels) > self.max_channels:
            channel.refuse(CloseCode.TOO_MANY, f"{self.max_channels} channels are open already")
        else:
            self.call(self.listener.channel_requested, channel)
        if self._control_cost > CONTROL_QUEUE_LIMIT_BYTES:
            raise ProtocolError("M", "too much waits on channel 0")

    def _check_gone(self, number: int) -> None:
        if number >= self.next_channel:
            raise ProtocolError("Z3", f"channel {number} was never opened")
        if number in self._peer_closed:
            raise ProtocolError("Z3", f"channel {number} was closed by its sender")

    # -- Private: outbound ---------------------------------------------------------------

    def _move_units(self, writer: FrameWriter, now_ms: float) -> int:
        """Move what may be counted now; return its cost."""
        before = self.log.cost
        turns = self._turns
        while self.attached and self._move_control(writer) and turns:
            channel = turns.popleft()
            channel.in_turn = False
            left = UNIT_LIMIT_BYTES
            while (unit := channel.next_unit) is not None:
                left -= unit.cost - UNIT_OVERHEAD_BYTES
                if left < 0:
                    break
                if not self.log.has_room(unit):
                    channel.in_turn = True
                    turns.appendleft(channel)
                    return self.log.cost - before
                self.log.append(unit)
                writer.add(unit)
                self.units_moved += 1
                channel.move_unit(now_ms)
            if channel.next_unit is not None and not channel.in_turn:
                channel.in_turn = True
                turns.append(channel)
        return self.log.cost - before

    def _move_control(self, writer: FrameWriter) -> bool:
        """Move what waits on channel 0; tell whether all of it went."""
        control = self._control
        while control:
            first = control[0]
            if isinstance(first, Channel):
                unit = _control_unit(Credit(first.number, first.taken))
            else:
                unit = first
            if not self.log.has_room(unit):
                return False
            control.popleft()
            if isinstance(first, Channel):
                first.credit_waits = False
            else:
                self._control_cost -= unit.cost
            self.log.append(unit)
            self.hold(unit.cost)
            writer.add(unit)
        return True

    def _check_stalled(self, now_ms: float) -> None:
        self._stall_ms = inf
        for channel in list(self.closing):
            due_ms = channel.check_stalled(now_ms, CLOSE_STALL_MS, self._attached_ms)
            self._stall_ms = min(self._stall_ms, due_ms)


def _control_unit(record: ChannelRecord) -> Unit:
    text = well_formed(encode_record(record))
    return Unit(0, text, WHOLE, utf8_length(text) + UNIT_OVERHEAD_BYTES)
