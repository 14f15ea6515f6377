"""A Jupyter server that lives for one examination."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections import deque
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .target import Target
from .within import within

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["ThrowawayError", "throwaway_server"]

START_TIMEOUT_S: Final = 30.0
STOP_TIMEOUT_S: Final = 5.0
ORPHAN_TIMEOUT_S: Final = 12 * 3600
"""A server whose doctor was killed ends by itself after this."""
OF_A_HUB: Final = ("JUPYTERHUB_", "JPY_", "MEM_", "CPU_")
"""Beginnings of names of variables that a hub's spawner sets."""
TAIL_LINES: Final = 5
"""What is told of the log of a server that does not start."""


class ThrowawayError(Exception):
    """The server does not start; the text says why."""


@asynccontextmanager
async def throwaway_server() -> AsyncIterator[Target]:
    """Start a server with this extension alone on 127.0.0.1, and end it afterwards.

    It uses a folder of its own for everything and a random token; nothing of the user's
    configuration is read, nothing is left behind.

    Raises:
        ThrowawayError: It does not start.
    """
    token = secrets.token_hex(16)
    with _folder() as name:
        port = _free_port()
        process = await _spawn(Path(name), port, token)
        log: asyncio.Task[None] | None = None
        try:
            await _until_ready(process, port, token)
            if process.stderr is not None:
                log = asyncio.ensure_future(_drain(process.stderr))
            yield Target("http", "127.0.0.1", port, "/", token)
        finally:
            await _end(process, log)


def _folder() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="jupyter-ai-ws-doctor-")
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise ThrowawayError(f"No temporary folder can be made: {said}. Set TMPDIR.") from None


async def _spawn(folder: Path, port: int, token: str) -> asyncio.subprocess.Process:
    names = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    # With JUPYTER_NO_CONFIG jupyter_core makes a folder for the configuration, and leaves it.
    temporary = ("TMPDIR", "TEMP", "TMP")
    # A session of its own: Ctrl-C of the terminal is for the doctor, who ends the server.
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
        "--ServerApp.jpserver_extensions={'jupyter_ai_ws': True}",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.shutdown_no_activity_timeout={ORPHAN_TIMEOUT_S}",
        env={
            # A server of a hub's user would take itself for that user's, or for the hub's.
            **{name: os.environ[name] for name in os.environ if not name.startswith(OF_A_HUB)},
            **dict.fromkeys((*names, *temporary), str(folder)),
            "JUPYTER_NO_CONFIG": "1",
            # Not on the command line, which every user of the machine may read.
            "JUPYTER_TOKEN": token,
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


async def _until_ready(process: asyncio.subprocess.Process, port: int, token: str) -> None:
    """Wait until the server listens.

    Raises:
        ThrowawayError: It ended, or took too long.
    """
    lines: deque[str] = deque(maxlen=TAIL_LINES)
    running = False
    with suppress(asyncio.TimeoutError):
        running = await within(_until_running(process, port, lines), START_TIMEOUT_S)
    if not running:
        said = "".join(lines).replace(token, "…").strip()
        raise ThrowawayError(f"The throw-away server does not start. It says: {said}")


async def _until_running(process: asyncio.subprocess.Process, port: int, lines: deque[str]) -> bool:
    if process.stderr is not None:
        async for line in process.stderr:
            lines.append(line.decode("utf-8", "replace"))
            if b"is running at" in line:
                # It says so a moment before it does.
                while process.returncode is None and not await _accepts(port):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                return process.returncode is None
    return False


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.readline():
        pass


async def _end(process: asyncio.subprocess.Process, log: asyncio.Task[None] | None) -> None:
    """End it, by force if it takes too long, and wait for its exit."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        await within(process.wait(), STOP_TIMEOUT_S)
    except (asyncio.TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
    if log is not None:
        log.cancel()
        await asyncio.wait({log})
