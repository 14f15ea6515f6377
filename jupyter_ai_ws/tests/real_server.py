"""A server in a process of its own, to be stopped, killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from jupyter_ai_ws.protocol.limits import SUBPROTOCOL

from .raw_socket import RawSocket

if TYPE_CHECKING:
    from pathlib import Path

    from tornado.websocket import WebSocketClientConnection

TOKEN = "t"  # noqa: S105


class RealServer:
    """One `jupyter server`, always on the same port."""

    def __init__(
        self, directory: Path, port: int, *arguments: str, extensions: tuple[str, ...] = ()
    ) -> None:
        """Take more arguments of the command line, and extensions beside this one."""
        self._arguments = arguments
        self._extensions = dict.fromkeys(("jupyter_ai_ws", *extensions), True)
        self._directory = directory
        self._port = port
        self._process: asyncio.subprocess.Process | None = None
        self._log: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start and wait until it listens."""
        names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "HOME")
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"),
            f"--ServerApp.jpserver_extensions={self._extensions}",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={self._port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={self._directory}",
            f"--IdentityProvider.token={TOKEN}",
            *self._arguments,
            env={
                **os.environ,
                **dict.fromkeys(names, str(self._directory)),
                "JUPYTER_NO_CONFIG": "1",
            },
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        assert self._process.stderr is not None
        lines = []
        async for line in self._process.stderr:
            lines.append(line.decode())
            if b"is running at" in line:
                break
        else:
            raise AssertionError("".join(lines))
        self._log = asyncio.create_task(self._drain(self._process.stderr))
        while not await self._accepts():  # noqa: ASYNC110 it says so a moment before it does
            await asyncio.sleep(0.01)

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal without waiting."""
        assert self._process is not None
        self._process.send_signal(number)

    async def end(self, number: signal.Signals) -> int:
        """Send a signal that ends it, wait, and return the exit status."""
        self.send_signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for the end and return the exit status."""
        assert self._process is not None
        assert self._log is not None
        await self._log
        status = await self._process.wait()
        self._process = None
        return status

    async def clean_up(self) -> None:
        """Leave no process behind."""
        if self._process is not None:
            await self.end(signal.SIGKILL)

    async def fetch(
        self, *parts: str, params: dict[str, Any], subprotocols: list[str]
    ) -> WebSocketClientConnection:
        """Open a WebSocket."""
        url = f"ws://127.0.0.1:{self._port}/{'/'.join(parts)}?{urlencode(params)}"
        request = HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"})
        return await websocket_connect(request, subprotocols=subprotocols)

    async def connect(self, **query: Any) -> RawSocket:
        """Open a socket of a page."""
        connection = await self.fetch(
            "jupyter-ai-ws", "ws", params={"received": 0, **query}, subprotocols=[SUBPROTOCOL]
        )
        return RawSocket(connection, query["sid"])

    async def _accepts(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except ConnectionRefusedError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    async def _drain(self, stream: asyncio.StreamReader) -> None:
        while await stream.readline():
            pass
