"""An ordered, exactly-once, two-way stream of records over a sequence of sockets (rules C-A, W, Z).

Sans I/O: frames go in through `receive`, come out of `flush`, and time is passed in. This is the
page's end, and what the server's has in common with it; see `server_end`.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from .channel import Channel
from .errors import QueueFullError, SessionEndedError, broken
from .frames import Ack, Bye, Ping, Pong, Welcome, encode_control, encode_units
from .limits import (
    CONTROL_QUEUE_LIMIT_BYTES,
    REMEMBERED_CHANNELS,
    SERVICE_LIMIT_CHARACTERS,
    UNIT_LIMIT_BYTES,
    UNIT_OVERHEAD_BYTES,
)
from .log import Receipts, SendLog
from .records import Accept, Close, Credit, Open, Refuse, decode_record, encode_record
from .records import Record as ChannelRecord
from .units import MORE, Unit, cost_of, count_of, split_record

if TYPE_CHECKING:
    from .server_end import ServerChannel


class SessionListener:
    """What a session tells the one who drives it. The base does nothing."""

    def flush_wanted(self) -> None:
        """Handle that `flush` has something to do; told once until `flush` runs."""

    def handler_failed(self, error: Exception) -> None:
        """Handle that a listener raised; the stream goes on (C6)."""

    def channel_requested(self, channel: ServerChannel) -> None:
        """Handle `open`: `accept` or `refuse` the channel, now or later (server only)."""

    def memory_changed(self, delta: int) -> None:
        """Handle that the session holds so many bytes more, or less (server only, P2)."""


class ProofListener:
    """What a session tells the judge of its sockets (page only); see `Liveness`."""

    def pong(self, id: int, now_ms: float) -> None:
        """Handle a pong (L1)."""

    def ack_advanced(self, in_flight_cost: int, now_ms: float) -> None:
        """Handle an acknowledgement that advanced; that cost is still without (L1)."""

    def units_received(self, cost: int, now_ms: float) -> None:
        """Handle inbound units of that cost, before they are routed (L3)."""


class Session:
    """The page's end of a session, and what the server's has in common with it.

    Attributes:
        listener: Who drives it.
        log: What this end sent.
        receipts: What it received.
        channels: Channels by number that are alive on the wire.
        closing: Channels that close gracefully and still have units queued (X6).
        attached: Whether there is a welcomed socket.
        ended: Why the session is over; None while it lives.
        units_moved: Units written or received, channel 0 excluded; tells use from silence (L8).
        next_channel: Page: the next number to give (Z2); server: the lowest not yet seen.
    """

    def __init__(
        self,
        listener: SessionListener,
        next_channel: int = 1,
        proofs: ProofListener | None = None,
    ) -> None:
        """Begin without a socket.

        Args:
            listener: Who drives it.
            next_channel: Number of the next channel opened (Z2).
            proofs: Who judges its sockets (page only).
        """
        self.listener = listener
        self.log = SendLog()
        self.receipts = Receipts()
        self.channels: dict[int, Channel] = {}
        self.closing: set[Channel] = set()
        self.attached = False
        self.ended: str | None = None
        self.units_moved = 0
        self.next_channel = next_channel
        self._proofs = proofs or ProofListener()
        # Numbers of the channels that the other end closed, the last ones (Z3), oldest first.
        self._peer_closed: dict[int, None] = {}
        # What waits on channel 0, and channels whose credit does.
        self._control: list[Unit] = []
        self._control_cost = 0
        self._credits: dict[Channel, None] = {}
        # Channels that have something to write, the next one first (W6).
        self._turns: dict[Channel, None] = {}
        self._pong: int | None = None  # id of the ping that waits for its pong
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
        self._credits.clear()
        self._control.clear()
        for channel in channels:
            channel.discontinue(reason)

    def receive(self, frame: list[Unit] | Welcome | Ack | Ping | Pong | Bye, now_ms: float) -> None:
        """Take in one decoded frame of the current socket.

        Raises:
            ProtocolError: The frame breaks a rule; close with 4400 and `end` the session (B1).
        """
        if isinstance(frame, list):
            self._receive_units(frame, now_ms)
        elif isinstance(frame, Welcome | Bye):
            broken("F1", f"{type(frame).__name__.lower()} not expected here")
        else:
            self._acknowledge(frame.received, now_ms)
            if isinstance(frame, Ping):
                self._pong = frame.id
                self.want_flush()
            elif isinstance(frame, Pong):
                self._proofs.pong(frame.id, now_ms)
        if self.receipts.due(now_ms):
            self.want_flush()

    def ping(self, ping_id: int) -> str:
        """Return the ping frame to write now; it acknowledges too (A2)."""
        return encode_control(Ping(ping_id, self.receipts.tell()))

    def flush(self, now_ms: float) -> list[str | bytes]:
        """Return the frames to write to the socket now, in order (F5, W1, W6)."""
        frames: list[str | bytes] = []
        if self.attached:
            receipts = self.receipts
            self._flush_wanted = True  # what is wanted from here on is served below
            self._check_stalled(now_ms)
            self.log.expire(now_ms)
            if self._pong is not None:
                frames.append(encode_control(Pong(self._pong, receipts.tell())))
                self._pong = None
            self._move_units(now_ms)
            units = self.log.unwritten(now_ms)
            if receipts.due(now_ms, cost_of(units)):
                frames.append(encode_control(Ack(receipts.tell())))
            frames += encode_units(units, fast=self.log.fast)
        self._flush_wanted = False
        return frames

    @property
    def has_unsent(self) -> bool:
        """Whether a socket would be given something that no socket was given yet (L8)."""
        return bool(self._control or self._credits or self._turns)

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
        if self.control_full:
            raise QueueFullError("too many channels wait to be opened; wait for some to open")
        channel = Channel(self, self.next_channel, service, parameters or {})
        channel.request = self.write_record(Open(channel.number, service, channel.parameters))
        self.next_channel += 1
        self.channels[channel.number] = channel
        return channel

    # -- For the server's end --------------------------------------------------------------

    @property
    def control_cost(self) -> int:
        """Cost of what waits on channel 0 (M)."""
        return self._control_cost

    @property
    def control_full(self) -> bool:
        """Whether too much waits on channel 0 (M)."""
        return self._control_cost > CONTROL_QUEUE_LIMIT_BYTES

    def receive_record(self, record: ChannelRecord, cost: int, now_ms: float) -> None:
        """Take in a record of channel 0, which came in a unit of that cost."""
        channel = self.channels.get(record.channel)
        if isinstance(record, Open):
            broken("Z", "open from the server")
        elif channel is None:
            self._check_gone(record.channel)
        elif isinstance(record, Credit):
            channel.credited(record.taken, now_ms)
        elif isinstance(record, Close):
            channel.closed(record.code, record.reason)
        elif isinstance(record, Accept):
            channel.accepted(record.parameters)
        else:
            channel.refused(record.code, record.reason)

    # -- For channels --------------------------------------------------------------------

    def write_record(self, record: Open | Accept | Refuse | Close) -> Unit:
        """Queue a record of channel 0, as it is now; return its unit.

        Raises:
            RecordTooLargeError: It takes more than 16 KiB (Z1).
        """
        unit = _control_unit(record)
        self._control.append(unit)
        self._control_cost += unit.cost
        self.hold(unit.cost)
        self.want_flush()
        return unit

    def write_credit(self, channel: Channel) -> None:
        """Write a credit; `taken` is read when it leaves, so later ones merge into it (W5)."""
        self._credits[channel] = None
        self.want_flush()

    def cancel_open(self, request: Unit) -> bool:
        """Take back an `open` that has not left the queue; tell whether it had not (X5)."""
        waited = request in self._control
        if waited:
            self._control.remove(request)
            self._control_cost -= request.cost
            self.hold(-request.cost)
        return waited

    def take_turn(self, channel: Channel) -> None:
        """Let the channel write when it has something that may move (W6)."""
        if channel.next_unit is not None:
            self._turns[channel] = None
            self.want_flush()

    def forget(self, channel: Channel, *, peer_closed: bool) -> None:
        """Drop a channel that is gone from the wire (Z3)."""
        self.channels.pop(channel.number, None)
        if peer_closed:
            self._peer_closed[channel.number] = None
            if len(self._peer_closed) > REMEMBERED_CHANNELS:
                del self._peer_closed[next(iter(self._peer_closed))]

    def hold(self, delta: int) -> None:
        """Account for memory, which only the server limits (P2)."""

    def want_flush(self) -> None:
        """Ask once for `flush`."""
        if not self._flush_wanted:
            self._flush_wanted = True
            self.listener.flush_wanted()

    # -- Private: inbound ----------------------------------------------------------------

    def _acknowledge(self, received: int, now_ms: float) -> None:
        released = self.log.acknowledge(received, now_ms)
        if released:
            self._release(released)
            self._proofs.ack_advanced(self.log.cost, now_ms)
            if self.has_unsent or self.log.waits:
                self.want_flush()

    def _release(self, units: list[Unit]) -> None:
        for unit in units:
            if unit.form != MORE and unit.channel:
                channel = self.channels.get(unit.channel)
                if channel is not None:
                    channel.acknowledge_record()
        self.hold(-cost_of(units))

    def _receive_units(self, units: list[Unit], now_ms: float) -> None:
        cost = cost_of(units)
        self.receipts.count(count_of(units), cost, now_ms)
        self._proofs.units_received(cost, now_ms)
        for unit in units:
            if self.ended is not None:
                return
            if unit.channel == 0:
                self.receive_record(decode_record(str(unit.payload)), unit.cost, now_ms)
                continue
            self.units_moved += 1
            channel = self.channels.get(unit.channel)
            if channel is not None:
                channel.unit(unit)
            else:
                self._check_gone(unit.channel)

    def _check_gone(self, number: int) -> None:
        if number >= self.next_channel:
            broken("Z3", f"channel {number} was never opened")
        if number in self._peer_closed:
            broken("Z3", f"channel {number} was closed by its sender")

    # -- Private: outbound ---------------------------------------------------------------

    def _move_units(self, now_ms: float) -> None:
        """Move what may be counted now."""
        turns = self._turns
        while self.attached and self._move_control() and turns:
            channel = next(iter(turns))
            left = UNIT_LIMIT_BYTES
            while (unit := channel.next_unit) is not None:
                left -= unit.cost - UNIT_OVERHEAD_BYTES
                if left < 0:
                    break
                if not self.log.append(unit):
                    return
                self.units_moved += 1
                channel.move_unit(now_ms)
            turns.pop(channel, None)
            self.take_turn(channel)

    def _move_control(self) -> bool:
        """Move what waits on channel 0; tell whether all of it went."""
        # Credits first: none may follow the close of its channel (Z3).
        for channel in list(self._credits):
            credit = _control_unit(Credit(channel.number, channel.taken))
            if not self.log.append(credit):
                return False
            self.hold(credit.cost)
            del self._credits[channel]
            channel.credit_left()
        moved = 0
        for unit in self._control:
            if not self.log.append(unit):
                break
            moved += 1
            self._control_cost -= unit.cost
        del self._control[:moved]
        return not self._control

    def _check_stalled(self, now_ms: float) -> None:
        self._stall_ms = inf
        for channel in list(self.closing):
            due_ms = channel.check_stalled(now_ms, self._attached_ms)
            self._stall_ms = min(self._stall_ms, due_ms)


def _control_unit(record: ChannelRecord) -> Unit:
    return split_record(0, encode_record(record))[0]
