"""A channel as a service sees it."""

from __future__ import annotations

import asyncio
from threading import get_ident
from typing import TYPE_CHECKING, Any, Final, Literal

from ..protocol.channel import ChannelListener
from ..protocol.errors import ChannelClosedError
from ..protocol.limits import QUEUE_LIMIT_BYTES, CloseCode
from .arguments import check_end, check_parameters, record_of
from .owner import ChannelOwner
from .pace import RECORD_COST
from .waiters import Turns, Waiters

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_server.auth import User

    from ..protocol.channel import Channel, Record
    from ..protocol.channel import Final as FinalEvent
    from ..protocol.server_end import ServerChannel as CoreChannel
    from .arguments import Sendable
    from .pace import Pace
    from .session_port import SessionPort

__all__ = ["ServerChannel"]

_NOBODY: Final = ChannelOwner()


class ServerChannel:
    """One two-way stream of records between a page and a service.

    It outlives sockets: while the page is away, what is sent waits. All methods belong to the
    thread of the event loop and raise `RuntimeError` in others. Text arrives as `str`, binary as
    `bytes`.

    ```python
    async def shout(channel: ServerChannel) -> None:
        async for record in channel:
            await channel.send(record.upper())
    ```

    The channel is accepted by `accept`, or by the first `send`, `receive` or iteration. When the
    page closes it, or the session ends, iteration ends after the last record and `send` raises
    `ChannelClosedError`. A service of which nothing waits for the channel then, and which had
    received every record, is cancelled at once; any other when it has received none for 30 seconds.
    One that has itself ended the channel, by `refuse`, `close` or `abort`, has 30 seconds too.
    """

    __slots__ = (
        "__weakref__",
        "_accepted",
        "_channel",
        "_moved_cost",
        "_pace",
        "_readers",
        "_senders",
        "_session",
        "_thread",
        "_turn",
        "_writers",
        "on_final",
        "own_end",
        "owner",
        "task",
        "user",
    )

    def __init__(self, channel: CoreChannel, user: User, session: SessionPort, pace: Pace) -> None:
        """Wrap a channel that a page has asked for.

        Args:
            channel: The channel.
            user: Who asked.
            session: The channel's session.
            pace: What its service and the others may do in a turn of the event loop.
        """
        self.user = user
        """The user at the time of `open`, as the identity provider made it."""
        self.on_final: Callable[[ServerChannel], None] = _do_nothing
        """Called once, when the channel has ended; for the runner."""
        self.task: asyncio.Task[None] | None = None
        """What serves it, until that is cancelled; for the runner."""
        self.own_end = False
        """Whether the service itself has ended the channel; for the runner."""
        self.owner = _NOBODY
        """What the service holds outside the channel; for the guard."""
        self._channel = channel
        self._session = session
        self._thread = get_ident()
        self._readers = Waiters()
        self._writers = Waiters()
        self._senders = Turns()
        self._accepted = False
        self._pace = pace
        self._turn = -1  # in which it moved a record last
        self._moved_cost = 0  # in that turn
        channel.listener = _Listener(self)

    @property
    def service(self) -> str:
        """The name of the service."""
        return self._channel.service

    @property
    def parameters(self) -> dict[str, Any]:
        """What the page gave with `open`. Check it like any input."""
        return self._channel.parameters

    @property
    def state(self) -> Literal["opening", "open", "closing", "closed"]:
        """Where the channel stands; "opening" before it is accepted."""
        return self._channel.state

    @property
    def final(self) -> FinalEvent | None:
        """How the channel ended; `None` while it lives. Records may wait to be received."""
        return self._channel.final

    @property
    def empty(self) -> bool:
        """Whether no record waits to be received."""
        return self._channel.empty

    @property
    def inbox_bytes(self) -> int:
        """What the records that wait to be received cost (C7)."""
        return self._channel.inbox_cost

    @property
    def writable(self) -> bool:
        """Whether the channel is open and its queue not full."""
        return self._channel.writable

    @property
    def session(self) -> SessionPort:
        """The session, with the headers of the page's last request; for the guard."""
        return self._session

    @property
    def taken(self) -> int:
        """How many records were received."""
        return self._channel.taken

    async def accept(self, parameters: dict[str, Any] | None = None) -> None:
        """Open the channel; does nothing when it is open already.

        Args:
            parameters: What the page learns with it, JSON of at most 16 KiB.

        Raises:
            RecordTooLargeError: `parameters` take more than 16 KiB.
            TypeError: `parameters` is no dict, or holds something JSON cannot carry.
            ValueError: `parameters` are nested deeper than 100 levels, or hold a number that is
                not finite.
        """
        self.accept_nowait(parameters)

    def accept_nowait(self, parameters: dict[str, Any] | None = None) -> None:
        """Do what `accept` does, in a place that cannot await."""
        self._check_thread()
        if not self._accepted:
            check_parameters(parameters)
            self._channel.accept(parameters)
            self._accepted = True

    def refuse(self, code: int = CloseCode.FORBIDDEN, reason: str = "") -> None:
        """Refuse the channel; does nothing once it is accepted.

        Args:
            code: 4403 if this user may not use the service, or a code of your own to 4999.
            reason: Text for people. It is cut at 123 UTF-8 bytes.

        Raises:
            TypeError: `code` is no integer, or `reason` no text.
            ValueError: `code` is not from 1000 to 4999.
        """
        check_end(code, reason)
        self._check_thread()
        if self.state == "opening":
            self.own_end = True  # first: the runner is told meanwhile
            self._channel.refuse(code, reason)

    async def send(self, record: Sendable) -> None:
        """Send a record, waiting while the channel's queue is full. If cancelled, it is not sent.

        Records go in the order of the calls, whichever tasks make them.

        Args:
            record: Text or bytes of at most 16 MiB.

        Raises:
            ChannelClosedError: The channel is closed. The record is not sent.
            RecordTooLargeError: The record is too large and not sent.
            TypeError: The record is neither text nor bytes, and not sent.
        """
        record = record_of(record)
        self.accept_nowait()
        channel = self._channel
        # Every record comes by here: coroutines that would not wait are not made.
        if self._senders.count or self._must_yield or not channel.writable:
            async with self._senders:
                await self._wait_for_room()
        channel.send(record)
        self._moved(record)

    def send_nowait(self, record: Sendable, *, limit_bytes: int = QUEUE_LIMIT_BYTES) -> None:
        """Send a record in a place that cannot await; go on with `drain` where one can.

        It does not wait, so it goes before a `send` that does.

        Args:
            record: Text or bytes of at most 16 MiB.
            limit_bytes: What may wait to be written: 8 MiB, or more for a producer that cannot
                be made to wait.

        Raises:
            ChannelClosedError: The channel is closed. The record is not sent.
            QueueFullError: So much waits already. The record is not sent.
            RecordTooLargeError: The record is too large and not sent.
            TypeError: The record is neither text nor bytes, and not sent.
        """
        record = record_of(record)
        self.accept_nowait()
        self._channel.send(record, limit_bytes)

    async def drain(self) -> None:
        """Wait until the queue is not full, or the channel is closed."""
        self._check_thread()
        while self._channel.state == "open" and not self._channel.writable:
            await self._writers.wait()

    async def receive(self) -> Record:
        """Return the next record, waiting for it. If cancelled, it stays the next one.

        Raises:
            ChannelClosedError: The channel is closed and every record was received.
        """
        self.accept_nowait()
        if self._must_yield:
            await self._let_others_run()
        while (record := self._channel.take()) is None:
            if self._channel.state in ("closing", "closed"):
                raise ChannelClosedError
            await self._readers.wait()
        self._moved(record)
        return record

    def __aiter__(self) -> ServerChannel:
        """Iterate over the records until the channel is closed."""
        return self

    async def __anext__(self) -> Record:
        """Return the next record."""
        try:
            return await self.receive()
        except ChannelClosedError:
            raise StopAsyncIteration from None

    def close(self, code: int = CloseCode.NORMAL, reason: str = "") -> None:
        """Close the channel behind what was sent. What still comes is dropped.

        Args:
            code: 1000 to 4999.
            reason: Text for people. It is cut at 123 UTF-8 bytes.

        Raises:
            TypeError: `code` is no integer, or `reason` no text.
            ValueError: `code` is not from 1000 to 4999.
        """
        self._end(self._channel.close, code, reason)

    def abort(self, code: int = CloseCode.NORMAL, reason: str = "") -> None:
        """Close the channel at once and discard what was not written yet.

        Args:
            code: 1000 to 4999.
            reason: Text for people. It is cut at 123 UTF-8 bytes.

        Raises:
            TypeError: `code` is no integer, or `reason` no text.
            ValueError: `code` is not from 1000 to 4999.
        """
        self._end(self._channel.abort, code, reason)

    async def wait_closed(self) -> FinalEvent:
        """Wait for the end of the channel and say how it ended."""
        self._check_thread()
        while self._channel.final is None:
            await self._readers.wait()
        return self._channel.final

    def cut_transport(self) -> None:
        """Abort the socket under the session, as a broken line would. Nothing is lost by it."""
        self._check_thread()
        self._session.cut()

    # -- For the guard -------------------------------------------------------------------

    def take_waiting(self) -> Record | None:
        """Return the next record that waits to be received, None when there is none."""
        return self._channel.take()

    # -- For the runner ------------------------------------------------------------------

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for this channel, or was woken and has not run yet.

        In which task says nothing: `asyncio.wait_for` makes one of its own before Python 3.12.
        """
        return bool(self._readers.count or self._writers.count or self._senders.count)

    def discard(self) -> None:
        """Drop the records nobody will receive, so that they count no longer (P2)."""
        self._channel.discard()

    # -- Private -------------------------------------------------------------------------

    def _check_thread(self) -> None:
        """Stop calls of another thread: half done they would stall every channel of the page."""
        if get_ident() != self._thread:
            raise RuntimeError(
                "A channel belongs to the thread of its event loop. From another thread use "
                "asyncio.run_coroutine_threadsafe or loop.call_soon_threadsafe."
            )

    def _end(self, end: Callable[[int, str], None], code: int, reason: str) -> None:
        check_end(code, reason)
        self.accept_nowait()
        self.own_end = True  # first: the runner is told meanwhile
        end(code, reason)
        self._wake_all()

    def _readable(self) -> None:
        if self._channel.final is None:
            self._readers.wake()
            return
        self._wake_all()
        self.on_final(self)

    def _wake_all(self) -> None:
        self._readers.wake()
        self._writable()

    def _writable(self) -> None:
        self._writers.wake()
        self.owner.writable()

    @property
    def _must_yield(self) -> bool:
        """Whether the service has moved in this turn of the event loop what it may."""
        return self._turn == self._pace.turn and self._moved_cost >= self._pace.limit

    def _moved(self, record: Record) -> None:
        if self._turn != self._pace.turn:
            self._pace.join()
            self._turn = self._pace.turn
            self._moved_cost = 0
        self._moved_cost += len(record) + RECORD_COST

    async def _wait_for_room(self) -> None:
        if self._must_yield:
            await self._let_others_run()
        await self.drain()

    async def _let_others_run(self) -> None:
        """Yield now and then, before a record moves: a cancelled call must not have moved one."""
        # Not `sleep(0)`: in the eyes of the runner this waits for the channel.
        asyncio.get_running_loop().call_soon(self._writers.wake)
        await self._writers.wait()


def _do_nothing(channel: ServerChannel) -> None:
    pass


class _Listener(ChannelListener):
    """Passes on what a channel tells its owner."""

    __slots__ = ("_served",)

    def __init__(self, served: ServerChannel) -> None:
        """Take whom to tell."""
        self._served = served

    def readable(self, channel: Channel) -> None:
        self._served._readable()

    def writable(self, channel: Channel) -> None:
        self._served._writable()
