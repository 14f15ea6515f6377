"""Two sessions joined in memory, without sockets."""

from __future__ import annotations

from jupyter_ai_ws.protocol.channel import Channel, ChannelListener
from jupyter_ai_ws.protocol.frames import decode
from jupyter_ai_ws.protocol.server_end import ServerChannel, ServerSession
from jupyter_ai_ws.protocol.session import Session, SessionListener


class Recorder(SessionListener):
    """Notes what a session says."""

    def __init__(self) -> None:
        self.requested: list[ServerChannel] = []
        self.errors: list[Exception] = []
        self.memory = 0
        self.flushes = 0

    def flush_wanted(self) -> None:
        self.flushes += 1

    def channel_requested(self, channel: ServerChannel) -> None:
        self.requested.append(channel)

    def handler_failed(self, error: Exception) -> None:
        self.errors.append(error)

    def memory_changed(self, delta: int) -> None:
        self.memory += delta


class Owner(ChannelListener):
    """Notes the events of a channel."""

    def __init__(self, channel: Channel) -> None:
        self.events: list[str] = []
        channel.listener = self

    def accepted(self, channel: Channel) -> None:
        self.events.append("accepted")

    def readable(self, channel: Channel) -> None:
        self.events.append(channel.final.kind if channel.final else "readable")

    def writable(self, channel: Channel) -> None:
        self.events.append("writable")


class Pair:
    """A page's session and a server's, and a line that carries what they write."""

    def __init__(self, max_channels: int = 256) -> None:
        self.now_ms = 0.0
        self.page_says = Recorder()
        self.server_says = Recorder()
        self.page = Session(self.page_says)
        self.server = ServerSession(self.server_says, max_channels)
        self.connect()

    def connect(self) -> None:
        """Lay a new line."""
        self.page.detach()
        self.server.detach()
        received = self.page.receipts.received, self.server.receipts.received
        self.server.attach(received[0], self.now_ms)
        self.page.attach(received[1], self.now_ms)

    def carry(self) -> int:
        """Carry what both have to write, until both are silent; return how many frames."""
        frames = 0
        while True:
            up = self.page.flush(self.now_ms)
            for frame in up:
                self.server.receive(decode(frame), self.now_ms)
            down = self.server.flush(self.now_ms)
            for frame in down:
                self.page.receive(decode(frame), self.now_ms)
            if not up and not down:
                return frames
            frames += len(up) + len(down)

    def settle(self) -> None:
        """Carry, acknowledgements included."""
        self.carry()
        self.now_ms += 200
        self.page.tick(self.now_ms)
        self.server.tick(self.now_ms)
        self.carry()

    def ask(self) -> tuple[Channel, ServerChannel]:
        """Open a channel that the server has not answered yet; return its ends."""
        page = self.page.open("test")
        self.carry()
        return page, self.server_says.requested[-1]

    def open(self) -> tuple[Channel, ServerChannel]:
        """Open a channel; return its ends at page and server."""
        page, server = self.ask()
        server.accept()
        self.carry()
        return page, server


def take_all(channel: Channel) -> list[str | bytes]:
    """Take every record there is."""
    records = []
    while (record := channel.take()) is not None:
        records.append(record)
    return records
