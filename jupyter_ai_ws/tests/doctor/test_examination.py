"""The order of the questions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.doctor.checks import CHECKS, Check, Options
from jupyter_ai_ws.doctor.examination import examine
from jupyter_ai_ws.doctor.report import NOT_LOOKED_AT, Result, as_json
from jupyter_ai_ws.doctor.target import Target

if TYPE_CHECKING:
    from jupyter_ai_ws.doctor.checks import Patient
    from jupyter_ai_ws.doctor.report import Report

TARGET = Target("http", "h", 80, "/")
FAILED = Result("failed", "It is broken.")
OK = Result("ok", "It is well.")


class Gate(Check):
    name = "gate"
    fatal = True
    result = OK

    async def run(self, patient: Patient) -> Result:
        return self.result


class BrokenGate(Gate):
    name = "broken gate"
    result = FAILED


class Slow(Check):
    """Ends only when `Quick` has run: beside it, then."""

    name = "slow"
    beside = True
    quick_has_run: asyncio.Event
    cancelled = False

    async def run(self, patient: Patient) -> Result:
        patient.progressed(0.5, "slow")
        try:
            await self.quick_has_run.wait()
        except asyncio.CancelledError:
            Slow.cancelled = True
            raise
        patient.progressed(1.0, "slow")
        return OK


class Quick(Check):
    name = "quick"

    async def run(self, patient: Patient) -> Result:
        await asyncio.sleep(0)
        patient.progressed(1.0, "quick")
        Slow.quick_has_run.set()
        return FAILED


class Endless(Check):
    name = "endless"

    async def run(self, patient: Patient) -> Result:
        Slow.quick_has_run.set()
        await asyncio.Event().wait()
        return OK


class Seen:
    """What was told on the way."""

    def __init__(self, *checks: type[Check]) -> None:
        self.found: list[str] = []
        self.progress: list[tuple[float, str]] = []
        self.checks = checks
        Slow.quick_has_run = asyncio.Event()

    async def report(self) -> Report:
        return await examine(
            TARGET,
            Options(),
            found=lambda name, result: self.found.append(name),
            progressed=lambda share, text: self.progress.append((round(share, 2), text)),
            checks=self.checks,
        )


async def test_everything_behind_a_fatal_failure_is_skipped() -> None:
    seen = Seen(Gate, BrokenGate, Quick, Slow)
    report = await seen.report()
    assert seen.found == ["gate", "broken gate", "quick", "slow"]
    assert list(report.results.values()) == [OK, FAILED, NOT_LOOKED_AT, NOT_LOOKED_AT]
    assert report.failed


async def test_another_failure_stops_nothing_and_a_long_check_runs_beside_the_others() -> None:
    seen = Seen(Gate, Quick, Slow)
    report = await seen.report()
    assert list(report.results.values()) == [OK, FAILED, OK]


class Stumbling(Check):
    name = "stumbling"

    async def run(self, patient: Patient) -> Result:
        raise ValueError("sesame")


async def test_check_that_stumbles_fails_alone_and_repeats_nothing() -> None:
    report = await Seen(Gate, Stumbling, Quick).report()
    verdicts = [result.verdict for result in report.results.values()]
    assert verdicts == ["ok", "failed", "failed"]
    stumbled = report.results["stumbling"]
    assert "(ValueError, test_examination.py:" in stumbled.sentence
    assert "sesame" not in as_json(report)


async def test_progress_grows_and_is_of_the_check_that_is_waited_for() -> None:
    seen = Seen(Gate, Quick, Slow)
    await seen.report()
    assert seen.progress == sorted(seen.progress)
    assert (0.67, "quick") in seen.progress
    assert (0.5, "slow") not in seen.progress


async def test_cancelled_it_leaves_no_check_running() -> None:
    seen = Seen(Gate, Endless, Slow)
    Slow.cancelled = False
    task = asyncio.ensure_future(seen.report())
    await Slow.quick_has_run.wait()
    Slow.quick_has_run.clear()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(asyncio.all_tasks()) == 1


def test_names_are_unique_and_what_is_fatal_comes_first() -> None:
    names = [kind.name for kind in CHECKS]
    assert len(set(names)) == len(names)
    fatal = [kind.fatal for kind in CHECKS]
    assert fatal == sorted(fatal, reverse=True)
