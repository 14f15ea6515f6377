"""Asks every question in turn."""

from __future__ import annotations

import asyncio
import os
import time
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING

from .checks import CHECKS, Patient
from .line import Line
from .report import NOT_LOOKED_AT, Report, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .checks import Check, Options
    from .target import Target

__all__ = ["examine"]


async def examine(
    target: Target,
    options: Options,
    *,
    found: Callable[[str, Result], None],
    progressed: Callable[[float, str], None],
    checks: Sequence[type[Check]] = CHECKS,
) -> Report:
    """Examine a deployment.

    Args:
        target: The address.
        options: What was asked for.
        found: Called with the name of each check and what it has found, in order.
        progressed: Called with the share done of everything, and what is going on.
        checks: The questions.

    Returns:
        Everything that was found.
    """
    since_s = time.monotonic()
    patient = Patient(target, Line(target), options, progressed)
    results: dict[str, Result] = {}
    beside: dict[str, asyncio.Task[Result]] = {}
    stopped = False
    try:
        for number, kind in enumerate(checks):
            if not stopped and not kind.fatal and not beside:
                beside = _start_beside(checks, patient)
            patient.current = kind.name
            share = number / len(checks)
            patient.progressed = _part(progressed, share, 1 / len(checks))
            patient.progressed(0.0, kind.name)
            if stopped:
                result = NOT_LOOKED_AT
            elif kind.name in beside:
                result = await beside[kind.name]
            else:
                result = await _run(kind, patient)
            results[kind.name] = result
            found(kind.name, result)
            stopped = stopped or (kind.fatal and result.verdict == "failed")
    finally:
        for task in beside.values():
            task.cancel()
        if beside:
            await asyncio.wait(beside.values())
    return Report(target.shown, time.monotonic() - since_s, results)


async def _run(kind: type[Check], patient: Patient) -> Result:
    """Make a check; what nobody thought of must not cost the report of the others."""
    try:
        return await kind().run(patient)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        # Its text is left out: it may repeat what a server said, or a token.
        where = f"{os.path.basename(place.filename)}:{place.lineno}"
        return Result(
            "failed",
            f"The doctor stumbled over this server ({type(error).__name__}, {where}).",
            ("Please report it, with the output of --json.",),
            {"exception": type(error).__name__, "where": where},
        )


def _start_beside(
    checks: Sequence[type[Check]], patient: Patient
) -> dict[str, asyncio.Task[Result]]:
    """Start the checks that run beside others; they say how far they are when waited for."""

    def start(kind: type[Check]) -> asyncio.Task[Result]:
        def progressed(share: float, text: str) -> None:
            if patient.current == kind.name:
                patient.progressed(share, text)

        return asyncio.ensure_future(_run(kind, replace(patient, progressed=progressed)))

    return {kind.name: start(kind) for kind in checks if kind.beside}


def _part(
    progressed: Callable[[float, str], None], begin: float, length: float
) -> Callable[[float, str], None]:
    return lambda share, text: progressed(begin + share * length, text)
