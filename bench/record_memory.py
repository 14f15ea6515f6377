"""Measures what small records take beside what the memory budget counts for them (P2).

`python bench/record_memory.py` starts a process for each figure. It fills one channel of a session
whose page is away, as a service does ("queue"), or as its page does ("inbox"), and looks at the
resident memory (Linux).
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jupyter_ai_ws.protocol.limits import CREDIT_BYTES
from jupyter_ai_ws.protocol.server_end import ServerChannel, ServerSession
from jupyter_ai_ws.protocol.session import SessionListener
from jupyter_ai_ws.protocol.units import split_record

if TYPE_CHECKING:
    from jupyter_ai_ws.protocol.channel import Channel

TOTAL_BYTES: Final = 32 * 1024 * 1024
PLACES: Final = ("queue", "inbox")
KINDS: Final = {"bytes": "", "ascii": "", "é": "é", "emoji": "\U0001f600"}
"""What one character of a record is; the others are digits."""
SIZES: Final = (10, 100, 1_000, 10_000)
"""Characters of a record."""


def record(number: int, kind: str, size: int) -> str | bytes:
    """Return a record that no other shares its memory with."""
    text = f"{number:010d}".ljust(size, "x")
    return text.encode() if kind == "bytes" else text[: size - len(KINDS[kind])] + KINDS[kind]


def fill(place: str, kind: str, size: int) -> tuple[list[Channel], int, int]:
    """Fill channels; return them, how many records they hold, and what is counted for those."""
    session = ServerSession(SessionListener())
    channels: list[Channel] = []
    count = 0
    while session.memory_bytes < TOTAL_BYTES:
        channel = ServerChannel(session, len(channels) + 1, "bench", {})
        channel.accepted({})
        channels.append(channel)
        while session.memory_bytes < TOTAL_BYTES and channel.inbox_cost < CREDIT_BYTES:
            if place == "inbox":
                for unit in split_record(channel.number, record(count, kind, size)):
                    channel.unit(unit)
            elif channel.writable:
                channel.send(record(count, kind, size))
            else:
                break
            count += 1
    return channels, count, session.memory_bytes


def resident_bytes() -> int:
    """Return what this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure(place: str, kind: str, size: int) -> None:
    """Print one figure."""
    before = resident_bytes()
    _channels, count, counted_bytes = fill(place, kind, size)
    taken_bytes = resident_bytes() - before
    print(
        f"{place:6} {kind:6} {size:6,} characters: {taken_bytes / count:8,.0f} B, counted "
        f"{counted_bytes / count:8,.0f} B, {taken_bytes / counted_bytes:.1f} x",
        flush=True,
    )


def main() -> None:
    """Measure what is named on the command line, or everything."""
    if len(sys.argv) > 1:
        place, kind, size = sys.argv[1:]
        measure(place, kind, int(size))
        return
    for place in PLACES:
        for kind in KINDS:
            for number in SIZES:
                command = [sys.executable, __file__, place, kind, str(number)]
                subprocess.run(command, check=True)  # noqa: S603


if __name__ == "__main__":
    main()
