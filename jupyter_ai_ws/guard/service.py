"""The service `guard`: one channel of a page and one peer, joined."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from ..protocol.errors import ChannelClosedError, QueueFullError, RecordTooLargeError
from ..protocol.limits import MAX_CODE, MIN_CODE, CloseCode
from ..services.owner import ChannelOwner
from .gate import Gate
from .gathering import Gathering
from .paths import checked_subprotocols
from .peer import Peer, PeerListener, PeerRefusedError

if TYPE_CHECKING:
    from logging import Logger

    from tornado.web import Application

    from ..services import ServerChannel
    from .paths import PathList

__all__ = ["GUARD", "PEER_REFUSED", "GuardService"]

GUARD: Final = "guard"
"""The name of the service."""
PEER_REFUSED: Final = 4001
"""Refuse code: the endpoint itself refused. With every other the endpoint was not asked."""
CREDENTIALS_REFUSED: Final = (302, 401, 403)
"""How endpoints refuse who asks; jupyter_server sends browsers to the login page, or says 403."""
OPEN_TIMEOUT_S: Final = 20.0
"""How long an endpoint may take to answer the upgrade request."""
STOP_TIMEOUT_S: Final = 2.0
"""How long a peer may take to end when the server stops."""
RECORDS_PER_TURN: Final = 1000
"""How many records a handler is given in one turn of the event loop when its channel has ended."""
HANDLER_BYTES: Final = 10 * 1024
"""What a handler counts for beside its messages (P2), as measured for a small one."""
FLOOD_LIMIT_BYTES: Final = 16 * 1024 * 1024
"""What an endpoint that does not wait may have waiting; those that wait stop at W3's 8 MiB."""
OVERDRAFT: Final = 0.125
"""By how much of itself the memory budget is exceeded before who writes is cut off. Sessions are
ended for memory in the next turn of the event loop; until then many endpoints could write much."""


class GuardService:
    """Serves channels of guarded endpoints."""

    def __init__(self, application: Application, paths: PathList, log: Logger) -> None:
        """Take what is needed.

        Args:
            application: Where the endpoints are.
            paths: Which of them are guarded.
            log: Where it is said why a peer was ended.
        """
        self._application = application
        self._paths = paths
        self._log = log
        self._gate = Gate()

    async def __call__(self, channel: ServerChannel) -> None:
        """Serve one channel: its parameters are `path` and `protocols`.

        Args:
            channel: A channel that is not accepted yet.
        """
        target = channel.parameters.get("path")
        entry = self._paths.match(target) if isinstance(target, str) else None
        if not isinstance(target, str) or entry is None:
            channel.refuse(CloseCode.FORBIDDEN, "this path is not guarded")
            return
        try:
            protocols = checked_subprotocols(channel.parameters.get("protocols", []))
        except ValueError as error:
            channel.refuse(CloseCode.PROTOCOL_ERROR, str(error))
            return
        await self._gate.enter()
        relay = _Relay(channel, entry, self._log)
        try:
            await self._open(relay, target, protocols)
            await relay.forward()
        except PeerRefusedError as refusal:
            channel.refuse(PEER_REFUSED, str(refusal))
        finally:
            await relay.leave()

    async def _open(self, relay: _Relay, target: str, protocols: list[str]) -> None:
        """Open the endpoint; if it refuses old credentials, once more with those of now."""
        session = relay.channel.session
        caller = session.caller
        path = target.partition("?")[0]
        try:
            await relay.peer.open(self._application, target, protocols, caller, OPEN_TIMEOUT_S)
        except PeerRefusedError as refusal:
            stale = refusal.status in CREDENTIALS_REFUSED
            if not (stale and await session.renew_caller(caller, path)):
                raise
            relay.peer = Peer(relay, self._log)
            await relay.peer.open(
                self._application, target, protocols, session.caller, OPEN_TIMEOUT_S
            )
        session.caller_served(path)


class _Relay(PeerListener, ChannelOwner):
    """Carries messages between a channel and a peer."""

    __slots__ = (
        "_gathering",
        "_log",
        "_paused",
        "_stopping",
        "bounds_own_end",
        "channel",
        "entry",
        "held_bytes",
        "peer",
    )

    def __init__(self, channel: ServerChannel, entry: str, log: Logger) -> None:
        self.peer = Peer(self, log)
        self.channel = channel
        self.entry = entry
        self._log = log
        self._paused = False
        self._stopping = False
        self._gathering = Gathering(self._hand_on)
        self.bounds_own_end = False
        self.held_bytes = 0
        self._hold(HANDLER_BYTES)
        channel.owner = self

    async def forward(self) -> None:
        """Carry what the page sends, until either side has closed."""
        with suppress(ChannelClosedError):
            while True:
                record = await self.channel.receive()
                self._gathering.asked()
                self._feed(record)
                if self.peer.unread_bytes and not self.takes_rest:
                    await self.peer.writable()

    @property
    def takes_rest(self) -> bool:
        """Whether the peer takes all at once that the channel has left, up to 1 MiB and a record.

        Where the page has given its socket up, the line is cut once the rest is nearly read.
        """
        final = self.channel.final
        return final is not None and (final.kind, final.code) != ("closed", CloseCode.ABNORMAL)

    async def leave(self) -> None:
        """Let the peer see what is left, and the end; wait until it is gone."""
        self.bounds_own_end = True  # the peer's own limits do
        self._gathering.drop()
        self.writable()  # else the handler would see its close when the time is up
        try:
            await self._feed_rest()
            final = self.channel.final
            if final is not None and final.kind == "closed" and not self.channel.own_end:
                self.peer.close(final.code, final.reason)
            else:
                # As a browser whose page is left (RFC 6455, 7.4.1); one that has itself closed
                # was answered already, and reads on up to that.
                self.peer.close(CloseCode.GOING_AWAY)
            if self._stopping:
                self.peer.hurry(STOP_TIMEOUT_S)
            await self.peer.gone()
        finally:
            self.peer.abort()
            self._hold(0)

    async def _feed_rest(self) -> None:
        count = 0
        while self.takes_rest and (record := self.channel.take_waiting()) is not None:
            self._feed(record)
            count += 1
            if count % RECORDS_PER_TURN == 0:
                await asyncio.sleep(0)

    def _feed(self, record: str | bytes) -> None:
        """Send a record to the peer; only what it read at once needs no counting."""
        self.peer.send(record)
        if self.peer.unread_bytes:
            self._hold(HANDLER_BYTES + self.peer.unread_bytes)

    def _hold(self, held_bytes: int) -> None:
        """Account for the handler and what it was sent and has not read (P2)."""
        if held_bytes == self.held_bytes:
            return
        self.channel.session.hold(held_bytes - self.held_bytes)
        self.held_bytes = held_bytes

    # -- From the channel ----------------------------------------------------------------

    def writable(self) -> None:
        if self._paused:
            self._paused = False
            self.peer.resume()

    def stopping(self) -> None:
        self._stopping = True
        if self.bounds_own_end:  # it leaves already
            self.peer.hurry(STOP_TIMEOUT_S)

    def drop(self) -> int:
        unread_bytes = self.peer.unread_bytes
        self.peer.abort()  # what the handler has not read goes with it
        self._hold(0)
        return unread_bytes

    # -- From the peer -------------------------------------------------------------------

    def opened(self, protocol: str) -> None:
        self.channel.accept_nowait({"protocol": protocol})

    def message(self, record: str | bytes) -> None:
        if self.channel.session.overdraft > OVERDRAFT:
            self._cut_off("it writes on although memory is short")
        else:
            self._gathering.add(record)

    def _hand_on(self, records: list[str | bytes]) -> None:
        """Write what the peer has sent; end both sides where that cannot be."""
        try:
            # As a socket of the handler's own would.
            self.channel.session.at_once(partial(self._send, records))
        except ChannelClosedError:
            return  # as a browser that has closed: nobody listens
        except QueueFullError:
            self._cut_off(f"the page has not taken the last {FLOOD_LIMIT_BYTES:,} bytes it sent")
            return
        except RecordTooLargeError as error:
            self._cut_off(str(error).rstrip("."))
            return
        except Exception:
            self._log.exception("What a guarded endpoint has sent could not be written.")
            self._fail()
            return
        if not (self._paused or self.channel.writable):
            self._paused = True
            self.peer.pause()

    def _send(self, records: list[str | bytes]) -> None:
        for record in records:
            self.channel.send_nowait(record, limit_bytes=FLOOD_LIMIT_BYTES)

    def all_read(self) -> None:
        if self.held_bytes:  # else it reads on after its end
            self._hold(HANDLER_BYTES)

    def closing(self) -> None:
        while (record := self.channel.take_waiting()) is not None:
            self._feed(record)

    def closed(self, code: int, reason: str) -> None:
        self._gathering.flush()
        if MIN_CODE <= code <= MAX_CODE:
            self.channel.close(code, reason)
        else:
            # No code of a channel; the page's half takes it from the reason.
            self.channel.close(CloseCode.ABNORMAL, f"{code} {reason}")

    def _cut_off(self, reason: str) -> None:
        self._log.warning("The guarded endpoint %s was cut off: %s.", self.entry, reason)
        self._fail()

    def _fail(self) -> None:
        self._gathering.flush()
        # First: a peer that has closed meanwhile would be closed with its own code.
        self.channel.close(CloseCode.ABNORMAL)
        self.peer.fail()
