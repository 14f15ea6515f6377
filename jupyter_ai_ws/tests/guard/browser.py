"""Two browsers with the same buttons: one over TCP, one over a peer in memory."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from jupyter_ai_ws.guard.caller import Caller
from jupyter_ai_ws.guard.close_frame import FAILED
from jupyter_ai_ws.guard.peer import Peer, PeerListener, PeerRefusedError
from jupyter_ai_ws.protocol.limits import CloseCode

from ..wire import BINARY, CLOSE, PING, PONG, TEXT, frame_head, upgrade_headers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tornado.web import Application, RequestHandler

HOST = "example.test:8888"


class Event(NamedTuple):
    """What a page sees of its socket."""

    kind: str
    details: tuple[Any, ...] = ()


class Browser:
    """What both have: a log of events, and waiting for them."""

    def __init__(self) -> None:
        self.log: list[Event] = []
        self._seen = 0
        self._changed = asyncio.Event()

    async def open(
        self, target: str = "/ws", protocols: Sequence[str] = (), **headers: str
    ) -> None:
        """Send the upgrade request and wait for the answer."""
        raise NotImplementedError

    def send(self, record: str | bytes) -> None:
        """Send a message without waiting."""
        raise NotImplementedError

    def send_too_big(self, size: int) -> None:
        """Send a message that the handler refuses by its length alone."""
        raise NotImplementedError

    def close(self, code: int = CloseCode.NO_STATUS, reason: str = "") -> None:
        """Close without waiting."""
        raise NotImplementedError

    def abort(self) -> None:
        """Lose the network."""
        raise NotImplementedError

    async def dispose(self) -> None:
        """Leave nothing behind."""

    async def next(self, kind: str) -> Event:
        """Wait for the next event of that kind; those before it are passed over."""
        while True:
            while self._seen < len(self.log):
                event = self.log[self._seen]
                self._seen += 1
                if event.kind == kind:
                    return event
            self._changed.clear()
            await self._changed.wait()

    async def messages(self, count: int) -> None:
        for _ in range(count):
            await self.next("message")

    async def ended(self) -> None:
        await self.next("closed")

    def happened(self, kind: str, *details: Any) -> None:
        self.log.append(Event(kind, details))
        self._changed.set()


def sent_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """What a browser sends of itself; keyword names stand for header names."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "Host": HOST,
        "Origin": f"http://{HOST}",
        "User-Agent": "Browser/1.0",
        "Accept-Language": "de",
        "Cookie": "a=b; c=d",
        **given,
    }


class MemoryBrowser(Browser, PeerListener):
    """Over a peer."""

    peer_class = Peer

    def __init__(self, application: Application) -> None:
        super().__init__()
        self._application = application
        self.peer = self.peer_class(self, logging.getLogger("test"))

    async def open(
        self, target: str = "/ws", protocols: Sequence[str] = (), **headers: str
    ) -> None:
        line = RequestStartLine("GET", "/", "HTTP/1.0")
        own = HTTPServerRequest(headers=HTTPHeaders({"Host": HOST}), start_line=line)
        own.headers = HTTPHeaders(sent_headers(headers))
        own.remote_ip = "127.0.0.1"
        try:
            await self.peer.open(self._application, target, protocols, Caller(own), 10)
        except PeerRefusedError as refusal:
            self.happened("refused", refusal.status)

    def send(self, record: str | bytes) -> None:
        self.peer.send(record)

    def send_too_big(self, size: int) -> None:
        self.peer.send(bytes(size))

    def close(self, code: int = CloseCode.NO_STATUS, reason: str = "") -> None:
        self.peer.close(code, reason)

    def abort(self) -> None:
        self.peer.abort()

    def opened(self, protocol: str) -> None:
        self.happened("opened", protocol)

    def message(self, record: str | bytes) -> None:
        self.happened("message", record)

    def closed(self, code: int, reason: str) -> None:
        self.happened("closed", code, reason)


class FramedPeer(Peer):
    """Takes the long way, as where the short one is barred."""

    __slots__ = ()

    def upgraded(self, handler: RequestHandler | None) -> None:
        super().upgraded(None)


class FramedBrowser(MemoryBrowser):
    """Over a peer without the short way."""

    peer_class = FramedPeer


class NativeBrowser(Browser):
    """Over TCP, by hand, as a browser speaks."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter
        self._task: asyncio.Task[None] | None = None
        self._close_sent = False
        self._told = False  # as a page hears nothing after what it did itself

    async def open(
        self, target: str = "/ws", protocols: Sequence[str] = (), **headers: str
    ) -> None:
        given = {
            **sent_headers(headers),
            **upgrade_headers(),
        }
        if protocols:
            given["Sec-WebSocket-Protocol"] = ", ".join(protocols)
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        self._writer.write(f"GET {target} HTTP/1.1\r\n{head}\r\n".encode())
        try:
            answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (OSError, asyncio.IncompleteReadError):
            self._writer.transport.abort()
            return
        first, *lines = answer.split("\r\n")
        status = int(first.split()[1])
        if status != 101:
            self.happened("refused", status)
            self._writer.transport.abort()
            return
        answered = HTTPHeaders.parse("\r\n".join(lines))
        self.happened("opened", answered.get("Sec-WebSocket-Protocol", ""))
        self._task = asyncio.create_task(self._read())

    def send(self, record: str | bytes) -> None:
        if isinstance(record, str):
            self._send(TEXT, record.encode())
        else:
            self._send(BINARY, record)

    def send_too_big(self, size: int) -> None:
        self._send_head(BINARY, size)

    def close(self, code: int = CloseCode.NO_STATUS, reason: str = "") -> None:
        self._told = True
        self._send_close(
            b"" if code == CloseCode.NO_STATUS else struct.pack(">H", code) + reason.encode()
        )

    def abort(self) -> None:
        self._told = True
        raw = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def dispose(self) -> None:
        self._writer.transport.abort()
        if self._task is not None:
            await self._task

    def _send_head(self, opcode: int, size: int) -> None:
        self._writer.write(frame_head(0x80 | opcode, size))

    def _send(self, opcode: int, payload: bytes) -> None:
        self._send_head(opcode, len(payload))
        self._writer.write(payload)

    def _send_close(self, payload: bytes) -> None:
        if not self._close_sent:
            self._close_sent = True
            self._send(CLOSE, payload)

    def _tell(self, code: int, reason: str) -> None:
        if not self._told:
            self._told = True
            self.happened("closed", code, reason)

    async def _read(self) -> None:
        try:
            while True:
                first, size = await self._reader.readexactly(2)
                assert not size & 0x80, "masked"
                if size >= 126:
                    form = ">H" if size == 126 else ">Q"
                    size = struct.unpack(
                        form, await self._reader.readexactly(struct.calcsize(form))
                    )[0]
                self._take(first, await self._reader.readexactly(size))
        except (OSError, asyncio.IncompleteReadError):
            self._tell(CloseCode.ABNORMAL, "")
        finally:
            self._writer.close()

    def _take(self, first: int, payload: bytes) -> None:
        assert first & 0xF0 == 0x80, "extension or fragment"
        opcode = first & 0x0F
        if opcode == PING:
            self._send(PONG, payload)
        elif opcode == CLOSE:
            self._take_close(payload)
        elif self._told:
            pass
        elif opcode == BINARY:
            self.happened("message", payload)
        elif opcode == TEXT:
            try:
                self.happened("message", payload.decode())
            except UnicodeDecodeError:
                self._fail(1007, "invalid UTF-8")

    def _take_close(self, payload: bytes) -> None:
        code = struct.unpack(">H", payload[:2])[0] if payload else CloseCode.NO_STATUS
        if payload and code in (1005, 1006, 1015):
            self._fail(1002, "broken close frame")
            return
        self._tell(code, payload[2:].decode())
        self._send_close(payload)

    def _fail(self, code: int, reason: str) -> None:
        self._tell(CloseCode.ABNORMAL, FAILED)
        self._send_close(struct.pack(">H", code) + reason.encode())
