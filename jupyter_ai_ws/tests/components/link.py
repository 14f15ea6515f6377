"""A page and a server in two networks, and the link between them taken down and up again.

Runs inside `unshare --user --map-root-user --net`, prints what it found as JSON.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ai_ws.doctor.connection import ClientConnection
from jupyter_ai_ws.doctor.line import Line
from jupyter_ai_ws.doctor.target import Target

from .numbered import Stream
from .processes import TOKEN, jupyter_server, program

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = "10.77.0.1"
SERVER = "10.77.0.2"


def ip(*words: str, enter: tuple[str, ...] = ()) -> None:
    """Run `ip`, in another network if there is a command that enters one."""
    subprocess.run([*enter, program("ip"), *words], check=True)  # noqa: S603


@contextmanager
def far_network() -> Iterator[tuple[str, ...]]:
    """Make another network and a link to it, and yield the command that enters it."""
    # `cat` lives in it until its input ends; it has a line to say when it is there.
    words = [program("unshare"), "--net", "sh", "-c", "echo; exec cat"]
    with subprocess.Popen(  # noqa: S603
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        enter = (program("nsenter"), f"--net=/proc/{holder.pid}/ns/net")
        ip("link", "set", "lo", "up")
        ip("link", "add", "near", "type", "veth", "peer", "name", "far", "netns", str(holder.pid))
        ip("address", "add", f"{PAGE}/24", "dev", "near")
        ip("address", "add", f"{SERVER}/24", "dev", "far", enter=enter)
        ip("link", "set", "near", "up")
        ip("link", "set", "far", "up", enter=enter)
        try:
            yield enter
        finally:
            holder.terminate()


async def page(port: int) -> dict[str, object]:
    """Stream while the link is down for a while."""
    connection = ClientConnection(Line(Target("http", SERVER, port, "/", TOKEN)), local=False)
    connection.core.options.heartbeat_interval_ms = 500
    try:
        await connection.connect()
        stream = Stream(connection)
        await stream.arrive(200)
        ip("link", "set", "near", "down")
        since_s = time.monotonic()
        while connection.core.status.state == "connected":
            await connection.change()
        found_s = time.monotonic() - since_s
        # At least one try has failed before it comes back.
        await connection.until("connecting")
        await connection.until("waiting")
        ip("link", "set", "near", "up")
        connection.reconnect()
        await stream.rest()
    finally:
        await connection.dispose()
    return {
        "arrived": stream.checker.arrived,
        "found_s": found_s,
        "resumes": connection.core.resumes,
        "replaced": connection.replaced,
    }


def main(folder: Path) -> None:
    """Build everything, run the page, take everything down."""
    with far_network() as enter:
        server = jupyter_server(
            folder, "--ServerApp.allow_remote_access=True", host=SERVER, before=enter
        )
        server.start()
        try:
            print(json.dumps(asyncio.run(page(server.port))))
        finally:
            server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
