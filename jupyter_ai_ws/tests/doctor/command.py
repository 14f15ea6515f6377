"""The command in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """How it ended, and what it said."""

    status: int
    output: str
    errors: str

    @property
    def report(self) -> dict[str, Any]:
        """What `--json` printed."""
        report: dict[str, Any] = json.loads(self.output)
        return report

    @property
    def checks(self) -> dict[str, dict[str, Any]]:
        """The checks of the report, by name."""
        return {check["name"]: check for check in self.report["checks"]}


async def start(
    folder: Path,
    *arguments: str,
    output: int = asyncio.subprocess.PIPE,
    errors: int | None = None,
    **environment: str,
) -> asyncio.subprocess.Process:
    """Start `jupyter ai-ws doctor`; it keeps its temporary files below `folder`."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jupyter", "ai-ws", "doctor", *arguments),
        env={
            **os.environ,
            **dict.fromkeys(("HOME", "TMPDIR", "JUPYTER_CONFIG_DIR"), str(folder)),
            "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
            "TERM": "xterm",
            **environment,
        },
        stdin=asyncio.subprocess.PIPE,
        stdout=output,
        stderr=asyncio.subprocess.PIPE if errors is None else errors,
        preexec_fn=_take_interrupts,
    )


def _take_interrupts() -> None:
    """Shells have what they start in the background ignore SIGINT, and it is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def ended(process: asyncio.subprocess.Process, given: str = "") -> Ended:
    """Write to its standard input and wait for its end."""
    output, errors = await process.communicate(given.encode())
    assert process.returncode is not None
    return Ended(process.returncode, (output or b"").decode(), (errors or b"").decode())


async def doctor(
    folder: Path, *arguments: str, errors: int | None = None, **environment: str
) -> Ended:
    """Run it from start to end."""
    return await ended(await start(folder, *arguments, errors=errors, **environment))  # type: ignore[arg-type]
