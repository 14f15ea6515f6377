"""Whether records survive cuts."""

from __future__ import annotations

import asyncio
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from ..connection import ClientConnection
from ..fault_proxy import FaultProxy, fault_plan
from ..line import Line
from ..report import Result
from ..stream import StreamTest, StreamTestError
from ..within import within
from .base import Check

if TYPE_CHECKING:
    from .base import Patient

__all__ = ["StreamingCheck"]

CONNECT_TIMEOUT_S: Final = 20.0


class StreamingCheck(Check):
    """Numbered records both ways through a proxy of our own that breaks the line."""

    name = "streaming"

    async def run(self, patient: Patient) -> Result:
        """Stream, cut and count."""
        target, options = patient.target, patient.options
        proxy = FaultProxy(target.host, target.port, options.seed)
        await proxy.start()
        connection = ClientConnection(Line(target, proxy.port), local=target.local)
        test = StreamTest(
            connection,
            proxy,
            records=max(options.records, options.cuts + 1),
            faults=fault_plan(options.cuts, options.seed),
            seed=options.seed,
            progressed=patient.progressed,
        )
        broken_off = ""
        try:
            await within(connection.connect(), CONNECT_TIMEOUT_S)
            await test.run()
        except StreamTestError as error:
            broken_off = str(error)
        except asyncio.TimeoutError:
            broken_off = f"There is no connection within {CONNECT_TIMEOUT_S:.0f} s."
        finally:
            await connection.dispose()
            await proxy.stop()
        return _judge(test, broken_off, options.cuts, connection.replaced)


def _judge(test: StreamTest, broken_off: str, cuts: int, sessions_lost: int) -> Result:
    counts = test.counts
    times = "1 cut" if test.cuts == 1 else f"{test.cuts} cuts"
    counted = (
        f"{counts.expected // 2:,} records each way, {times}: {counts.lost} lost, "
        f"{counts.doubled} doubled, {counts.reordered} out of order, {counts.damaged} damaged."
    )
    figures = _figures(test, sessions_lost)
    if broken_off:
        return Result(
            "failed",
            f"The test broke off. {broken_off} {counted}",
            ("Look into the server's log for restarts, and try again.",),
            figures,
        )
    if not counts.clean or test.cuts != cuts or sessions_lost:
        return Result(
            "failed",
            counted,
            ("This must never be. Please report it, with the output of --json.",),
            figures,
        )
    longest_s = figures["longest_recovery_s"]
    back = f" Back after {longest_s:.1f} s at the latest." if longest_s is not None else ""
    return Result("ok", counted + back, figures=figures)


def _figures(test: StreamTest, sessions_lost: int) -> dict[str, Any]:
    times_s = [time_s for each in test.healed_s.values() for time_s in each]
    recovery_s = {
        fault: {
            "cuts": len(each),
            "median_s": round(median(each), 2),
            "most_s": round(max(each), 2),
        }
        for fault, each in sorted(test.healed_s.items())
    }
    return {
        **vars(test.counts),
        "cuts": test.cuts,
        "sessions_lost": sessions_lost,
        "longest_recovery_s": round(max(times_s), 2) if times_s else None,
        "recovery_by_fault": recovery_s,
    }
