"""Examinations in the process of the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ai_ws.doctor.checks import CHECKS, Options
from jupyter_ai_ws.doctor.examination import examine
from jupyter_ai_ws.doctor.target import parse_target

from .processes import TOKEN

if TYPE_CHECKING:
    from jupyter_ai_ws.doctor.report import Report, Result
    from jupyter_ai_ws.doctor.target import Target

QUICK = Options(records=200, cuts=3, idle_timeout_probe_s=0, seed=22)
"""Seed 22 tears, closes and resets: no fault that takes seconds to be found."""


async def examined(
    port: int,
    *names: str,
    options: Options = QUICK,
    scheme: str = "http",
    host: str = "127.0.0.1",
    token: str | None = TOKEN,
) -> Report:
    """Examine what listens on a port of this machine.

    Args:
        port: The port.
        names: Of the checks to make besides the fatal ones; all unless given.
        options: What to ask for.
        scheme: Of the address.
        host: Of the address.
        token: Of the address.
    """
    query = "" if token is None else f"?token={token}"
    target = parse_target(f"{scheme}://{host}:{port}/{query}")
    return await examined_target(target, *names, options=options)


async def examined_target(target: Target, *names: str, options: Options = QUICK) -> Report:
    """Examine any address; see `examined`."""
    return await examine(
        target,
        options,
        found=_ignore,
        progressed=_ignore,
        checks=[kind for kind in CHECKS if kind.fatal or not names or kind.name in names],
    )


def first_failed(report: Report) -> tuple[str, Result]:
    """Return the first check that failed."""
    return next(item for item in report.results.items() if item[1].verdict == "failed")


def _ignore(*arguments: object) -> None:
    pass
