"""The vectors that both test suites read, and the notation of their payloads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ai_ws.protocol.errors import ProtocolError
from jupyter_ai_ws.protocol.units import LAST, MORE, WHOLE, Unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from _pytest.mark import ParameterSet

_DIRECTORY = Path(__file__).parents[3] / "tests" / "vectors"

FORMS = {"whole": WHOLE, "last": LAST, "more": MORE}


def load(name: str, group: str) -> list[ParameterSet]:
    """Return the cases of a group, each with its name as its id."""
    cases = json.loads((_DIRECTORY / f"{name}.json").read_text("utf-8"))[group]
    return [pytest.param(case, id=case["name"]) for case in cases]


def expand(value: Any) -> Any:
    """Return the text or bytes that a notation stands for."""
    if isinstance(value, str):
        return value
    if "hex" in value:
        return bytes.fromhex(value["hex"])
    if "repeat" in value:
        return expand(value["repeat"]) * value["times"]
    parts = [expand(part) for part in value["join"]]
    return type(parts[0])().join(parts)


def expand_units(cases: list[dict[str, Any]]) -> list[Unit]:
    """Return the units that a list of cases stands for."""
    return [
        Unit(case["channel"], expand(case["payload"]), FORMS[case["form"]], case["cost"])
        for case in cases
    ]


def broken_rule(call: Callable[..., object], *args: object) -> str | None:
    """Return the rule that a call finds broken, or nothing; other errors pass."""
    try:
        call(*args)
    except ProtocolError as error:
        return error.rule
    return None
