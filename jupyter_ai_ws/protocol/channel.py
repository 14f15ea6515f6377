"""One channel of a session: queue, credit, inbox and closing (rules W, X)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .errors import ChannelClosedError, QueueFullError, broken
from .fragments import Reassembler
from .limits import (
    CLOSE_STALL_MS,
    CREDIT_BYTES,
    CREDIT_QUANTUM_BYTES,
    MAX_CODE,
    MIN_CODE,
    QUEUE_LIMIT_BYTES,
    REASON_LIMIT_BYTES,
    CloseCode,
)
from .records import Close
from .text import fit_text
from .units import MORE, Unit, cost_of, split_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from .session import Session

UNKNOWN_MS = -1.0

Record = str | bytes
"""What a channel carries: one text or one binary message."""


@dataclass(frozen=True)
class Final:
    """The last thing an owner hears of a channel (X1).

    Attributes:
        kind: How the channel ended.
        code: Close or refuse code; 1006 for a discontinuity.
        reason: Text for people, at most 123 UTF-8 bytes.
        acknowledged: Records sent that reached the other end's memory.
        perhaps_delivered: Records written whole but never acknowledged.
        never_written: Records of which the other end cannot have the whole.
    """

    kind: Literal["closed", "refused", "discontinuity"]
    code: int
    reason: str
    acknowledged: int = 0
    perhaps_delivered: int = 0
    never_written: int = 0


class ChannelListener:
    """What a channel tells its owner. Override what is needed; the base does nothing."""

    __slots__ = ()

    def accepted(self, channel: Channel) -> None:
        """Handle that the server has opened the channel; see `Channel.answer`."""

    def readable(self, channel: Channel) -> None:
        """Handle that there is a record to `take`, or that `final` is set (X1)."""

    def writable(self, channel: Channel) -> None:
        """Handle that a queue that was full has emptied to half."""


class Channel:
    """One two-way stream of records inside a session, at the page's end; see `server_end`.

    Attributes:
        number: Its number on the wire.
        service: Name of the service it was opened to.
        parameters: What the page gave with `open`.
        answer: What the server gave with `accept`; None before that.
        listener: Its owner.
        final: How it ended; None while it lives. Records may still be waiting in the inbox.
        queue_limit_bytes: Cost from which on `send` refuses (W3).
    """

    __slots__ = (
        "_close",
        "_closed",
        "_full",
        "_inbox",
        "_opening",
        "_outstanding",
        "_progress_ms",
        "_queue",
        "_reassembler",
        "_records_acknowledged",
        "_records_queued",
        "_records_written",
        "_session",
        "_taken_cost",
        "_unfinished_cost",
        "_untaken",
        "_untaken_cost",
        "answer",
        "final",
        "inbox_cost",
        "listener",
        "number",
        "parameters",
        "peer_taken",
        "queue_cost",
        "queue_limit_bytes",
        "request",
        "service",
        "taken",
    )

    def __init__(
        self, session: Session, number: int, service: str, parameters: dict[str, Any]
    ) -> None:
        """Begin as asked for by the page and not yet accepted."""
        self.number = number
        self.service = service
        self.parameters = parameters
        self.answer: dict[str, Any] | None = None
        self.listener = ChannelListener()
        self.final: Final | None = None
        self.request: Unit | None = None  # the page's `open` on channel 0
        self.queue_limit_bytes = QUEUE_LIMIT_BYTES
        self._session = session
        # Outbound.
        self._queue: deque[Unit] = deque()
        self.queue_cost = 0
        self._full = False
        self._unfinished_cost = 0  # cost of the units already counted of the record being written
        # Costs of records written and not known to be taken. A list: an empty deque has 700 bytes.
        self._untaken: list[int] = []
        self._untaken_cost = 0
        self.peer_taken = 0
        self._records_queued = 0
        self._records_written = 0
        self._records_acknowledged = 0
        # Inbound.
        self._reassembler = Reassembler()
        self._inbox: deque[tuple[Record, int]] | None = None  # made for the first record
        self.inbox_cost = 0
        self.taken = 0
        self._taken_cost = 0  # of records taken since the last credit
        self._outstanding = 0  # cost received and not covered by a credit
        # Closing.
        self._opening = True
        self._close: tuple[int, str] | None = None  # what the owner asked for
        self._closed = False  # our close or refuse is in channel 0's queue
        self._progress_ms = 0.0

    # -- For the owner -------------------------------------------------------------------

    @property
    def empty(self) -> bool:
        """Whether no record waits to be taken."""
        return not self._inbox

    @property
    def writable(self) -> bool:
        """Whether `send` would take a record now."""
        return (
            self.final is None and self._close is None and self.queue_cost < self.queue_limit_bytes
        )

    @property
    def state(self) -> Literal["opening", "open", "closing", "closed"]:
        """Where the channel stands for its owner."""
        if self.final is not None:
            return "closed"
        if self._close is not None:
            return "closing"
        return "opening" if self._opening else "open"

    def send(self, record: Record, limit_bytes: int | None = None) -> None:
        """Put a whole record into the queue (W3).

        Args:
            record: The record.
            limit_bytes: Cost from which on the queue refuses, for a producer that cannot wait;
                `queue_limit_bytes` unless given.

        Raises:
            ChannelClosedError: The channel is closing, closed, or its session has ended.
            QueueFullError: The queue is full; wait for `writable`. The record is not taken.
            RecordTooLargeError: More than 16 MiB. The record is not taken.
        """
        if self.final is not None or self._close is not None:
            raise ChannelClosedError
        if self.queue_cost >= (limit_bytes or self.queue_limit_bytes):
            self._full = True
            raise QueueFullError
        units = split_record(self.number, record)
        cost = cost_of(units)
        waited = bool(self._queue)
        self._queue.extend(units)
        self._records_queued += 1
        self.queue_cost += cost
        # A queue that was full stays so for its waiters until it is half empty.
        self._full = self._full or self.queue_cost >= self.queue_limit_bytes
        self._session.hold(cost)
        # A queue that held something has its turn, or waits for credit, which gives it one.
        if not waited and not self._opening:
            self._session.take_turn(self)

    def take(self) -> Record | None:
        """Remove and return the next record, None when there is none now (W5)."""
        if not self._inbox:
            return None
        record, cost = self._inbox.popleft()
        self.inbox_cost -= cost
        self._session.hold(-cost)
        self._count_taken(cost)
        return record

    def close(self, code: int = CloseCode.NORMAL, reason: str = "") -> None:
        """Close behind the last record in the queue (X2); before `accept` the same as `abort`.

        Raises:
            ValueError: `code` is not from 1000 to 4999. A longer `reason` than 123 bytes is cut.
        """
        if self._opening or not self._queue:
            self.abort(code, reason)
        elif self._close is None:
            self._close = checked(code, reason)
            self._drop_inbox()
            self._progress_ms = UNKNOWN_MS
            self._session.closing.add(self)
            self._session.want_flush()

    def abort(self, code: int = CloseCode.NORMAL, reason: str = "") -> None:
        """Discard the queue and close at once (X2)."""
        asked = checked(code, reason)
        self._drop_inbox()  # X4, also when the other end was first
        if self.final is not None or self._closed:
            return
        if self._close is None:
            self._close = asked
        self._drop_queue()
        if self.request is not None and self._session.cancel_open(self.request):
            self._session.forget(self, peer_closed=False)
            self._finish(Final("closed", *self._close))
        else:
            self._write_close(*self._close)

    # -- For the session -----------------------------------------------------------------

    @property
    def next_unit(self) -> Unit | None:
        """The unit that may move into the log now: accepted, queued, and credit left (W4)."""
        if not self._queue or self._opening or self._lacks_credit:
            return None
        return self._queue[0]

    def move_unit(self, now_ms: float) -> None:
        """Account for `next_unit` having moved into the log."""
        unit = self._queue.popleft()
        self.queue_cost -= unit.cost
        self._untaken_cost += unit.cost
        self._unfinished_cost += unit.cost
        self._progress_ms = now_ms
        if unit.form != MORE:
            self._untaken.append(self._unfinished_cost)
            self._unfinished_cost = 0
            self._records_written += 1
        if not self._queue and self._close is not None and not self._closed:
            self._write_close(*self._close)
        if self._full and self.queue_cost <= self.queue_limit_bytes // 2:
            self._full = False
            self._tell(self.listener.writable)

    def acknowledge_record(self) -> None:
        """Account for the last unit of a record having been acknowledged."""
        self._records_acknowledged += 1

    def accepted(self, answer: dict[str, Any]) -> None:
        """Handle `accept`, received or sent."""
        if not self._opening:
            broken("Z3", f"second accept for channel {self.number}")
        self._opening = False
        if self._close is not None:
            return
        self.answer = answer
        self._session.take_turn(self)
        self._tell(self.listener.accepted)

    def refused(self, code: int, reason: str, *, received: bool = True) -> None:
        """Handle `refuse`, received or sent."""
        if not self._opening:
            broken("Z3", f"refuse after accept for channel {self.number}")
        self._drop_queue()
        self._session.forget(self, peer_closed=received)
        own = self._close
        self._finish(Final("closed", *own) if own else Final("refused", code, reason))

    def credited(self, taken: int, now_ms: float) -> None:
        """Handle `credit` (W5)."""
        if not self.peer_taken <= taken <= self._records_written:
            broken("W5", f"credit {taken} of {self._records_written} records")
        newly_taken = taken - self.peer_taken
        self._untaken_cost -= sum(self._untaken[:newly_taken])
        del self._untaken[:newly_taken]
        self.peer_taken = taken
        self._progress_ms = now_ms
        self._session.take_turn(self)

    def closed(self, code: int, reason: str) -> None:
        """Handle `close`: answer at once unless it is the answer (X3)."""
        if self.state == "opening":
            broken("Z3", f"close before accept for channel {self.number}")
        self._drop_all()
        own = self._close or (code, reason)
        if not self._closed:
            self._write_close(*own)
        self._session.forget(self, peer_closed=True)
        self._finish(Final("closed", *own))

    def credit_left(self) -> None:
        """Account for a credit that leaves now, and covers all that was taken."""
        self._outstanding -= self._taken_cost
        self._taken_cost = 0

    def unit(self, unit: Unit) -> None:
        """Handle an inbound unit: reassemble, then hand over or drop (W4, X4)."""
        reassembler = self._reassembler
        if self._opening:
            broken("Z5", f"unit before accept on channel {self.number}")
        if not reassembler.cost and self._outstanding >= CREDIT_BYTES:
            broken("W4", f"record without credit on channel {self.number}")
        before = reassembler.cost
        record = reassembler.add(unit)
        self._outstanding += unit.cost
        cost = before + unit.cost
        if record is not None and self._close is not None:
            self._session.hold(-before)
            self._count_taken(cost)
            return
        self._session.hold(unit.cost)
        if record is not None:
            if self._inbox is None:
                self._inbox = deque()
            self._inbox.append((record, cost))
            self.inbox_cost += cost
            self._tell(self.listener.readable)

    def check_stalled(self, now_ms: float, attached_ms: float) -> float:
        """Abort a graceful close that waits for credit too long; return when to look again (X6)."""
        if self._progress_ms < 0:
            self._progress_ms = now_ms
        if self._lacks_credit:
            due_ms = max(self._progress_ms, attached_ms) + CLOSE_STALL_MS
            if now_ms < due_ms:
                return due_ms
            self._close = CloseCode.ABNORMAL, "not taken"
            self.abort()
        return now_ms + CLOSE_STALL_MS

    def discontinue(self, reason: str) -> None:
        """Handle the end of the session (H9)."""
        written, acknowledged = self._records_written, self._records_acknowledged
        never = self._records_queued - written
        self._drop_all()
        self._finish(
            Final(
                "discontinuity",
                CloseCode.ABNORMAL,
                reason,
                acknowledged,
                written - acknowledged,
                never,
            )
        )

    # -- Private -------------------------------------------------------------------------

    @property
    def _lacks_credit(self) -> bool:
        """Whether the next record may not start; one that has started goes whole (W4)."""
        return not self._unfinished_cost and self._untaken_cost >= CREDIT_BYTES

    def _count_taken(self, cost: int) -> None:
        self.taken += 1
        self._taken_cost += cost
        if self._taken_cost >= CREDIT_QUANTUM_BYTES and not self._closed and self.final is None:
            self._session.write_credit(self)

    def _write_close(self, code: int, reason: str) -> None:
        self._closed = True
        self._session.closing.discard(self)
        self._session.write_record(Close(self.number, code, reason))

    def _drop_queue(self) -> None:
        self._session.hold(-self.queue_cost)
        self._queue.clear()
        self.queue_cost = 0
        self._session.closing.discard(self)

    def _drop_all(self) -> None:
        """Drop what is queued and what is half received."""
        self._drop_queue()
        self._session.hold(-self._reassembler.cost)
        self._reassembler = Reassembler()

    def _drop_inbox(self) -> None:
        while not self.empty:
            self.take()

    def _finish(self, final: Final) -> None:
        self.final = final
        self._tell(self.listener.readable)

    def _tell(self, listen: Callable[[Channel], None]) -> None:
        """Tell the owner; what it raises is reported and stops nothing (C6)."""
        try:
            listen(self)
        except Exception as error:
            self._session.listener.handler_failed(error)


def checked(code: int, reason: str) -> tuple[int, str]:
    """Check a close code, and cut a reason to its limit (Z4).

    Raises:
        ValueError: The code is not from 1000 to 4999.
    """
    if not MIN_CODE <= code <= MAX_CODE:
        raise ValueError(f"close code {code} is not from {MIN_CODE} to {MAX_CODE}")
    return code, fit_text(reason, REASON_LIMIT_BYTES)
