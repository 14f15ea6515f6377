"""What people and programs get to read."""

from __future__ import annotations

import json

import pytest

from jupyter_ai_ws.doctor.report import (
    NOT_LOOKED_AT,
    Report,
    Result,
    Verdict,
    as_json,
    as_text,
    summary,
)

OK = Result("ok", "All is well.", figures={"size": 1})
ADVICE = Result("advice", "It could be better.", ("Do this.", "Or that."))
FAILED = Result("failed", "It is broken.", ("Mend it.",))
SKIPPED = Result("skipped", "Not looked at.")


def test_json_has_the_documented_keys() -> None:
    report = Report("http://h/", 1.234, {"first": OK, "second": FAILED})
    whole = json.loads(as_json(report))
    assert list(whole) == [
        *("format", "version", "address", "failed", "error", "duration_s", "checks")
    ]
    assert (whole["format"], whole["failed"], whole["duration_s"]) == (1, True, 1.2)
    assert whole["checks"] == [
        {
            "name": "first",
            "verdict": "ok",
            "sentence": "All is well.",
            "advice": [],
            "figures": {"size": 1},
        },
        {
            "name": "second",
            "verdict": "failed",
            "sentence": "It is broken.",
            "advice": ["Mend it."],
            "figures": {},
        },
    ]


def test_text_has_the_verdict_first_and_one_line_for_each_advice() -> None:
    assert as_text("second", ADVICE).splitlines() == [
        "  advice  second: It could be better.",
        "          → Do this.",
        "          → Or that.",
    ]


def test_examination_that_came_to_no_end_has_failed() -> None:
    whole = json.loads(as_json(Report(None, 0.0, {"first": OK}, "Interrupted.")))
    assert (whole["failed"], whole["error"]) == (True, "Interrupted.")


def test_json_is_ascii_whatever_it_says() -> None:
    assert as_json(Report("http://h/user/…/", 0.0, {})).isascii()


def test_text_is_broken_for_a_narrow_terminal() -> None:
    lines = as_text("check", Result("ok", "word " * 40), 60).splitlines()
    assert all(len(line) <= 60 for line in lines)
    assert max(map(len, as_text("check", OK, 1).splitlines())) > 1


def test_long_text_is_broken_below_its_beginning_and_keeps_its_words() -> None:
    long = Result("advice", "word " * 40, ("x" * 120,))
    first, second, _, third = as_text("name", long).split("\n", 3)
    assert len(first) <= 100
    assert second.startswith(" " * 10 + "word")
    assert third.strip("→ \n") == "x" * 120


@pytest.mark.parametrize(
    ("results", "failed", "said"),
    [
        ([OK, SKIPPED], False, "AI connections survive here. (3 s)"),
        ([OK, ADVICE], False, "AI connections survive here; there is something to make better."),
        ([FAILED, ADVICE, FAILED], True, "AI connections do not survive here: 2 checks failed."),
        ([OK, FAILED, SKIPPED], True, "AI connections do not survive here: 1 check failed."),
        ([OK, FAILED, NOT_LOOKED_AT], True, "AI connections could not be tried here: 1 check"),
    ],
)
def test_summary_tells_the_worst(results: list[Result], failed: bool, said: str) -> None:
    report = Report("", 3.0, {str(number): result for number, result in enumerate(results)})
    assert report.failed is failed
    assert summary(report).startswith(said)


@pytest.mark.parametrize("verdict", ["ok", "advice", "failed", "skipped"])
def test_every_verdict_can_be_read_without_colour(verdict: Verdict) -> None:
    assert verdict in as_text("name", Result(verdict, "")).lower()
