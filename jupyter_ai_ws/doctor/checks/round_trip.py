"""How long a record takes to the server and back."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import TYPE_CHECKING, Final

from ...protocol.errors import ChannelClosedError
from ..connection import ClientConnection
from ..report import Result
from ..within import within
from .base import Check

if TYPE_CHECKING:
    from ...protocol.status import Status
    from .base import Patient

__all__ = ["RoundTripCheck"]

TIMES: Final = 40
"""Records sent, one after the other; the first ones warm the way up and do not count."""
WARM_UP: Final = 5
ENOUGH_S: Final = 15.0
"""On a slow line fewer records tell as much."""
TIMEOUT_S: Final = 30.0
SLOW_MS: Final = 1_000.0
"""The page waits 3 s for an answer (L3); a third of that leaves room."""


class RoundTripCheck(Check):
    """Records of the service `echo`, one at a time."""

    name = "round-trip"

    async def run(self, patient: Patient) -> Result:
        """Measure."""
        connection = ClientConnection(patient.line, local=patient.target.local)
        try:
            times_ms = await within(_measure(connection, patient), TIMEOUT_S)
        except asyncio.TimeoutError:
            return _timed_out(connection.core.status)
        except ChannelClosedError:
            return Result(
                "failed",
                "The session ended while records were on their way.",
                ("Look into the server's log for restarts, and try again.",),
            )
        finally:
            await connection.dispose()
        middle_ms, least_ms, most_ms = median(times_ms), min(times_ms), max(times_ms)
        figures = {
            "median_ms": round(middle_ms, 2),
            "least_ms": round(least_ms, 2),
            "most_ms": round(most_ms, 2),
            "records": len(times_ms),
        }
        said = (
            f"A record takes {middle_ms:.1f} ms to the server and back "
            f"(median of {len(times_ms)}; {least_ms:.1f} to {most_ms:.1f} ms)."
        )
        if middle_ms < SLOW_MS:
            return Result("ok", said, figures=figures)
        return Result(
            "advice",
            said,
            (
                "On such a line a page takes a late answer for a cut: raise wait for an answer in "
                "Settings Editor → AI Connection.",
            ),
            figures,
        )


def _timed_out(status: Status) -> Result:
    if status.cause == "too-many":
        return Result(
            "failed",
            "The server refuses another session: there are too many.",
            ("Close pages, or raise c.AiWsApp.max_sessions_per_principal.",),
        )
    if status.state != "connected":
        why = f" ({status.cause})" if status.cause else ""
        return Result(
            "failed",
            f"There is no connection within {TIMEOUT_S:.0f} s: it is {status.state}{why}.",
            ("Look into the server's log for restarts, and try again.",),
        )
    return Result(
        "failed",
        f"{WARM_UP + 1} records do not come back within {TIMEOUT_S:.0f} s.",
        ("Look at the load of the server, and of the line.",),
    )


async def _measure(connection: ClientConnection, patient: Patient) -> list[float]:
    await connection.connect()
    channel = connection.open("echo")
    await channel.accepted_with()
    times_ms: list[float] = []
    begun_s = time.monotonic()
    for number in range(TIMES):
        if len(times_ms) > WARM_UP and time.monotonic() - begun_s > ENOUGH_S:
            break
        since_s = time.monotonic()
        await channel.send(str(number))
        await channel.receive()
        times_ms.append((time.monotonic() - since_s) * 1000)
        patient.progressed(number / TIMES, "measuring the round trip")
    channel.close()
    return times_ms[WARM_UP:]
