"""Streams numbered records both ways while the line is cut."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from ..protocol.errors import ChannelClosedError
from .records import Counts, StreamChecker, page_record, read_record
from .within import within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .connection import ClientChannel, ClientConnection
    from .fault_proxy import Fault, FaultProxy

__all__ = ["StreamTest", "StreamTestError"]

AHEAD: Final = 16
"""The page sends no further ahead of what it has received, so that both ways end together."""
HURRY_S: Final = 0.3
"""A test does not wait for the delay between attempts, and does not hammer either."""
PATIENCE_S: Final = 45.0
"""Nothing has arrived for so long: the test gives up. A page tries a socket for 10 s (S2)."""
MAX_PAYLOAD_BYTES: Final = 600
"""Records are of many lengths up to this, so that cuts fall in all places."""


class StreamTestError(Exception):
    """The test could not go on; the text says why."""


class StreamTest:
    """One round of records without a cut, and one for each cut.

    In each round the server sends numbered records, a millisecond apart, and the page sends its
    own, which come back. The line breaks in the middle; the round is over when everything has
    arrived and the connection has come back. All rounds belong to one session.

    Attributes:
        counts: What became of the records so far, both ways together.
        healed_s: How long it took from each cut until records flowed again, by its kind.
    """

    def __init__(
        self,
        connection: ClientConnection,
        proxy: FaultProxy,
        *,
        records: int,
        faults: Sequence[Fault],
        seed: int,
        progressed: Callable[[float, str], None],
    ) -> None:
        """Begin with nothing.

        Args:
            connection: Connected through the proxy.
            proxy: What breaks the line.
            records: Each way, over all rounds.
            faults: What to do to the line, one a round.
            seed: Decides about lengths and when to cut.
            progressed: Called with the share done and what is going on.
        """
        self.counts = Counts()
        self.healed_s: dict[Fault, list[float]] = defaultdict(list)
        self._connection = connection
        self._proxy = proxy
        self._records = records
        self._faults = faults
        self._random = random.Random(seed)  # noqa: S311
        self._progressed = progressed
        self._hurry: asyncio.TimerHandle | None = None
        self._moved = asyncio.Event()
        connection.changed = self._status_changed

    @property
    def cuts(self) -> int:
        """Cuts from which the connection came back."""
        return sum(map(len, self.healed_s.values()))

    async def run(self) -> None:
        """Run every round.

        Raises:
            StreamTestError: It cannot go on; `counts` and `healed_s` say how far it came.
        """
        rounds: list[Fault | None] = [None, *self._faults]
        done = 0
        for number, fault in enumerate(rounds, 1):
            upto = self._records * number // len(rounds)
            await self._round(upto - done, fault)
            done = upto

    # -- Private -------------------------------------------------------------------------

    async def _round(self, records: int, fault: Fault | None) -> None:
        payload_bytes = self._random.randint(0, MAX_PAYLOAD_BYTES)
        channel = self._connection.open(
            "self-test", records=records, interval_ms=1, payload_bytes=payload_bytes
        )
        cut_after = self._random.randint(1, max(1, int(1.6 * records)))
        part = _Round(channel, records, payload_bytes)
        breaker = asyncio.ensure_future(self._break(part, fault, cut_after))
        sender = asyncio.ensure_future(part.send())
        try:
            await self._receive(part, fault)
            await self._patiently(breaker)
        except ChannelClosedError:
            raise StreamTestError(self._why(channel)) from None
        finally:
            for task in (breaker, sender):
                task.cancel()
            await asyncio.wait({breaker, sender})
            self.counts += part.counts()
            channel.close()

    async def _receive(self, part: _Round, fault: Fault | None) -> None:
        while not part.complete:
            part.take(await self._patiently(part.channel.receive()))
            self._moved.set()
            arrived = self.counts.arrived + part.arrived
            share = arrived / max(1, 2 * self._records)
            doing = "streaming" if fault is None else f"streaming, line broken: {fault}"
            self._progressed(share, f"{doing}, {self.cuts} of {len(self._faults)} cuts")

    async def _break(self, part: _Round, fault: Fault | None, cut_after: int) -> None:
        """Break the line in the middle of the round and wait until it is whole again."""
        if fault is None:
            return
        await part.until_arrived(cut_after)
        before = self._connection.core.resumes
        since_s = time.monotonic()
        self._proxy.make(fault)
        # A stall may be over before the page has given the socket up.
        while self._connection.core.resumes == before and not (fault == "stall" and part.complete):
            self._moved.clear()
            await self._moved.wait()
        self.healed_s[fault].append(time.monotonic() - since_s)

    async def _patiently(self, something: Any) -> Any:
        try:
            return await within(something, PATIENCE_S)
        except asyncio.TimeoutError:
            status = self._connection.core.status
            raise StreamTestError(
                f"Nothing arrived for {PATIENCE_S:.0f} s; the connection is {status.state}"
                f"{status.cause and f' ({status.cause})'}."
            ) from None

    def _status_changed(self, status: Any) -> None:
        self._moved.set()
        if status.state == "waiting" and self._hurry is None:
            loop = asyncio.get_running_loop()
            self._hurry = loop.call_later(HURRY_S, self._hurry_up)

    def _hurry_up(self) -> None:
        self._hurry = None
        if self._connection.core.status.state == "waiting":
            self._connection.reconnect()

    def _why(self, channel: ClientChannel) -> str:
        final = channel.final
        if final is None or final.kind == "closed":
            return "The server ended the test."
        if final.kind == "refused":
            return f"The server refused the test: {final.reason}."
        return f"The session was lost: {final.reason}."


class _Round:
    """The records of one round, on a channel of its own."""

    def __init__(self, channel: ClientChannel, records: int, payload_bytes: int) -> None:
        self.channel = channel
        self._records = records
        self._payload_bytes = payload_bytes
        self._from_server = StreamChecker(records, payload_bytes)
        self._echoed = StreamChecker(records, payload_bytes)
        self._fenced = False
        self._arrived = asyncio.Event()

    @property
    def arrived(self) -> int:
        return self._from_server.arrived + self._echoed.arrived

    @property
    def complete(self) -> bool:
        """Whether the fence has come back behind everything else."""
        return self._fenced

    async def send(self) -> None:
        """Send the page's records, at the pace in which the server's come, then a fence.

        What comes twice comes before the fence.
        """
        with suppress(ChannelClosedError):
            for number in range(1, self._records + 1):
                while number > self._from_server.arrived + AHEAD:
                    await self._arrival()
                await self.channel.send(page_record(number, self._payload_bytes))
            while not self._from_server.complete:
                await self._arrival()
            await self.channel.send(json.dumps({"fence": True}))

    async def until_arrived(self, count: int) -> None:
        """Wait until so many records have arrived."""
        while self.arrived < count:
            await self._arrival()

    def take(self, record: str | bytes) -> None:
        """Count a record."""
        members = read_record(record)
        if members.get("fence") is True:
            self._fenced = True
        else:
            checker = self._echoed if members.get("page") is True else self._from_server
            checker.take(members.get("n"), members.get("text"))
        self._arrived.set()

    def counts(self) -> Counts:
        return self._from_server.counts() + self._echoed.counts()

    async def _arrival(self) -> None:
        self._arrived.clear()
        await self._arrived.wait()
