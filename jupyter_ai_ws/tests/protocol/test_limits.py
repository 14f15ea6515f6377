from __future__ import annotations

import re
from pathlib import Path

from jupyter_ai_ws.protocol import limits
from jupyter_ai_ws.protocol.limits import CloseCode
from jupyter_ai_ws.protocol.retry import classify_close

_ROOT = Path(__file__).parents[3]


def test_both_languages_have_the_same_numbers() -> None:
    here = {
        name: value
        for name, value in vars(limits).items()
        if name.isupper() and type(value) in (int, str)
    }
    source = (_ROOT / "src" / "core" / "limits.ts").read_text("utf-8")
    there = re.findall(r"^(?:export )?const ([A-Z_]+) = ([^;{]+);", source, re.MULTILINE)
    scope: dict[str, int | str] = {}
    for name, expression in there:
        scope[name] = eval(expression, {}, scope)  # noqa: S307
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
    unknown = classify_close(3999)
    known = {code for code in range(1000, 5000) if classify_close(code) != unknown}
    assert known <= named
    assert named - known == {1000, 1005, 1006, 1008, 1011, 1014, 1015}
