from __future__ import annotations

import re
from pathlib import Path

import pytest

from jupyter_ai_ws.protocol import backoff, limits
from jupyter_ai_ws.protocol.limits import CloseCode
from jupyter_ai_ws.protocol.retry import _CLOSES

_ROOT = Path(__file__).parents[3]


def _in_typescript(module: str) -> dict[str, str]:
    source = (_ROOT / "src" / "core" / module).read_text("utf-8")
    return dict(re.findall(r"^(?:export )?const ([A-Z_]+) = ([^;{]+);", source, re.MULTILINE))


@pytest.mark.parametrize("module", [limits, backoff], ids=["limits", "backoff"])
def test_both_languages_have_the_same_numbers(module: object) -> None:
    here = {
        name: value
        for name, value in vars(module).items()
        if name.isupper() and type(value) in (int, str)
    }
    name = str(getattr(module, "__name__", "")).rpartition(".")[2]
    there = _in_typescript(f"{name}.ts")
    scope: dict[str, int | str] = {}
    for key, expression in there.items():
        scope[key] = eval(expression, {}, scope)  # noqa: S307
    assert scope == here


def test_both_languages_have_the_same_close_codes() -> None:
    source = (_ROOT / "src" / "core" / "limits.ts").read_text("utf-8")
    there = {name: int(code) for name, code in re.findall(r"^  ([A-Z_]+) = (\d+)", source, re.M)}
    assert there == {code.name: code.value for code in CloseCode}


def test_every_row_of_r1_is_in_the_table() -> None:
    page = (_ROOT / "docs" / "protocol.md").read_text("utf-8")
    rows = page[page.index("- **R1**") : page.index("A time-out (S2)")]
    cells = re.findall(r"^ +\| ([^|]+) \|", rows, re.MULTILINE)
    named = {int(code) for cell in cells for code in re.findall(r"\b\d{4}\b", cell)}
    assert named == set(_CLOSES)
