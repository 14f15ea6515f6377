"""What the doctor has found, for people and for programs."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from .._version import __version__

__all__ = [
    "FORMAT",
    "NOT_LOOKED_AT",
    "NOT_REACHED",
    "WIDTH_CHARACTERS",
    "Report",
    "Result",
    "Verdict",
    "as_json",
    "as_text",
    "summary",
]

FORMAT: Final = 1
"""Grows when a key of the JSON report changes its meaning or goes; new keys may come."""

WIDTH_CHARACTERS: Final = 100
"""Where text for people is broken at the latest."""

LEAST_WIDTH_CHARACTERS: Final = 40
"""Text is not broken narrower: the terminal does that as well."""

Verdict: TypeAlias = Literal["ok", "advice", "failed", "skipped"]
"""*ok*: all is well. *advice*: it works, and could work better. *failed*: connections do not
survive here. *skipped*: not looked at, because of what failed before or because nobody asked."""

_MARKS: Final[dict[Verdict, str]] = {
    "ok": "ok",
    "advice": "advice",
    "failed": "FAILED",
    "skipped": "skipped",
}


@dataclass(frozen=True)
class Result:
    """What one check has found.

    Attributes:
        verdict: How it is.
        sentence: What was found, in one or two plain sentences.
        advice: What to do, one step each.
        figures: What was measured, units in the names.
    """

    verdict: Verdict
    sentence: str
    advice: tuple[str, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)


STOPPED_ANSWERING: Final = Result("failed", "The server stopped answering.", ("Try again.",))
"""For checks to which a server that has answered others says nothing."""
NOT_LOOKED_AT: Final = Result("skipped", "Not looked at, because of what failed before.")
"""For checks behind a failure that leaves nothing to examine."""
NOT_REACHED: Final = Result("skipped", "Not reached: the examination was broken off.")
"""For checks that an interruption kept from their end."""


@dataclass(frozen=True)
class Report:
    """What all checks have found.

    Attributes:
        address: What was examined, fit to be shown; `None`: it did not come to that.
        duration_s: How long it took.
        results: By the names of the checks, in the order in which they were made.
        error: Why the examination came to no end; `None`: it did.
    """

    address: str | None
    duration_s: float
    results: dict[str, Result]
    error: str | None = None

    @property
    def failed(self) -> bool:
        """Whether anything has failed, the examination itself too."""
        return self.error is not None or any(
            result.verdict == "failed" for result in self.results.values()
        )


def as_json(report: Report) -> str:
    """Write a report for programs; the keys are told in docs/reference/doctor.md.

    Args:
        report: The report.
    """
    checks = [
        {
            "name": name,
            "verdict": result.verdict,
            "sentence": result.sentence,
            "advice": list(result.advice),
            "figures": result.figures,
        }
        for name, result in report.results.items()
    ]
    whole = {
        "format": FORMAT,
        "version": __version__,
        "address": report.address,
        "failed": report.failed,
        "error": report.error,
        "duration_s": round(report.duration_s, 1),
        "checks": checks,
    }
    # ASCII alone: whoever reads it may take another encoding for granted.
    return json.dumps(whole, indent=2)


def as_text(name: str, result: Result, width_characters: int = WIDTH_CHARACTERS) -> str:
    """Write one result for people.

    Args:
        name: Of the check.
        result: What it has found.
        width_characters: Of the terminal.
    """
    width = max(LEAST_WIDTH_CHARACTERS, min(width_characters, WIDTH_CHARACTERS))
    return "\n".join(
        [
            _wrapped(f"{_MARKS[result.verdict]:>8}  ", f"{name}: {result.sentence}", width),
            *(_wrapped(f"{'':>10}→ ", step, width) for step in result.advice),
        ]
    )


def _wrapped(head: str, text: str, width: int) -> str:
    """Write text behind a head and break it below its beginning; long words stay whole."""
    return textwrap.fill(
        text,
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


def summary(report: Report) -> str:
    """Say in one sentence what came out."""
    verdicts = [result.verdict for result in report.results.values()]
    failed = verdicts.count("failed")
    if failed:
        checks = "1 check" if failed == 1 else f"{failed} checks"
        tried = not any(result is NOT_LOOKED_AT for result in report.results.values())
        what = "do not survive" if tried else "could not be tried"
        said = f"AI connections {what} here: {checks} failed."
    elif "advice" in verdicts:
        said = "AI connections survive here; there is something to make better."
    else:
        said = "AI connections survive here."
    return f"{said} ({report.duration_s:.0f} s)"
