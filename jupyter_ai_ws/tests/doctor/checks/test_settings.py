"""What the server's settings mean for connections."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_ai_ws.doctor.checks import Options, Patient
from jupyter_ai_ws.doctor.checks.settings import SettingsCheck
from jupyter_ai_ws.doctor.line import Line
from jupyter_ai_ws.doctor.target import Target

DEFAULTS = {
    "session_ttl_s": 43_200.0,
    "memory_budget_bytes": 256 * 1024 * 1024,
    "shutdown_no_activity_timeout_s": 0,
    "memory_limit_bytes": 0,
    "hub": False,
    "host": "h",
}


async def judged(**facts: Any) -> Any:
    target = Target("http", "h", 80, "/")
    patient = Patient(target, Line(target), Options(), lambda share, text: None)
    patient.facts.update(facts)
    return await SettingsCheck().run(patient)


async def test_defaults_are_well_and_are_told() -> None:
    result = await judged(**DEFAULTS)
    assert result.verdict == "ok"
    assert result.sentence == (
        "Pages that are away are kept for 12 h, all together in at most 256 MiB."
    )
    assert "host" not in result.figures


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("session_ttl_s", 1800.0, "c.AiWsApp.session_ttl_s = 43200"),
        ("memory_budget_bytes", 8 << 20, "c.AiWsApp.memory_budget_bytes = 268435456"),
        (
            "shutdown_no_activity_timeout_s",
            3600,
            "c.ServerApp.shutdown_no_activity_timeout = 43200",
        ),
        ("memory_limit_bytes", 400 << 20, f"c.AiWsApp.memory_budget_bytes = {100 << 20}"),
    ],
)
async def test_setting_that_costs_answers_is_named_with_its_line(
    name: str, value: float, line: str
) -> None:
    result = await judged(**{**DEFAULTS, name: value})
    assert result.verdict == "advice"
    (step,) = result.advice
    assert line in step
    assert "jupyter_server_config.py" in step


@pytest.mark.parametrize("guards", [True, False])
async def test_guard_that_is_off_is_told(guards: bool) -> None:
    result = await judged(**{**DEFAULTS, "guards": guards})
    assert result.verdict == ("ok" if guards else "advice")
    assert ("not guarded" in result.sentence) is not guards
    assert [step for step in result.advice if "c.AiWsApp.guard_enabled = True" in step] == list(
        result.advice
    )


async def test_hub_is_told_to_have_a_culler_of_its_own() -> None:
    result = await judged(**{**DEFAULTS, "hub": True})
    assert result.verdict == "ok"
    assert "culler" in result.sentence


async def test_server_that_tells_nothing_is_not_judged() -> None:
    assert (await judged()).verdict == "skipped"
