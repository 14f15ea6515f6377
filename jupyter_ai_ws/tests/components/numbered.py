"""A stream that shows whether anything got lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jupyter_ai_ws.doctor.records import StreamChecker, read_record

if TYPE_CHECKING:
    from jupyter_ai_ws.doctor.connection import ClientConnection

RECORDS: Final = 2_000


class Stream:
    """Numbered records of the server, as they arrive, a millisecond apart."""

    def __init__(self, connection: ClientConnection) -> None:
        """Ask for them."""
        self.channel = connection.open(
            "self-test", records=RECORDS, interval_ms=1, payload_bytes=64
        )
        self.checker = StreamChecker(RECORDS, 64)

    async def arrive(self, count: int) -> None:
        """Wait until so many have arrived."""
        while self.checker.arrived < count:
            members = read_record(await self.channel.receive())
            self.checker.take(members.get("n"), members.get("text"))

    async def rest(self) -> None:
        """Wait for the rest, and for an echo behind it: what comes twice comes before that."""
        await self.arrive(RECORDS)
        await self.channel.send('{"fence": true}')
        assert read_record(await self.channel.receive()) == {"fence": True}
        assert self.checker.counts().clean
