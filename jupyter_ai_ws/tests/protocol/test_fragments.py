from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_ai_ws.protocol.fragments import Reassembler
from jupyter_ai_ws.protocol.limits import UNIT_OVERHEAD_BYTES
from jupyter_ai_ws.protocol.text import utf8_length
from jupyter_ai_ws.protocol.units import LAST, MORE, Unit, split_record

from .strategies import large_bytes, large_text, text
from .vectors import FORMS, broken_rule, expand, load


def _unit(payload: str | bytes, form: int) -> Unit:
    size = utf8_length(payload) if isinstance(payload, str) else len(payload)
    return Unit(1, payload, form, size + UNIT_OVERHEAD_BYTES)


@pytest.mark.parametrize("case", load("fragments", "valid"))
def test_records_come_together(case: dict[str, Any]) -> None:
    reassembler = Reassembler()
    cost = 0
    for step in case["steps"]:
        unit = _unit(expand(step["payload"]), FORMS[step["form"]])
        record = reassembler.add(unit)
        if step["gives"] is None:
            assert record is None
            cost += unit.cost
        else:
            assert record == expand(step["gives"])
            cost = 0
        assert reassembler.cost == cost


@pytest.mark.parametrize("case", load("fragments", "invalid"))
def test_what_does_not_fit_together_is_an_error(case: dict[str, Any]) -> None:
    reassembler = Reassembler()
    *steps, wrong = [_unit(expand(s["payload"]), FORMS[s["form"]]) for s in case["steps"]]
    for unit in steps:
        reassembler.add(unit)
    assert broken_rule(reassembler.add, wrong) == case["rule"]


@pytest.mark.parametrize("case", load("fragments", "limits"))
def test_a_record_has_limits(case: dict[str, Any]) -> None:
    reassembler = Reassembler()
    piece = _unit(expand(case["payload"]), MORE)
    last = _unit(expand(case["last"]), LAST)
    for _ in range(case["more"]):
        assert reassembler.add(piece) is None
    if case["rule"] is None:
        whole = {"join": [{"repeat": case["payload"], "times": case["more"]}, case["last"]]}
        assert reassembler.add(last) == expand(whole)
    else:
        assert broken_rule(reassembler.add, last) == case["rule"]


@given(st.lists(large_text | large_bytes | text, max_size=4))
def test_c4_whatever_is_cut_comes_together_again(records: list[str | bytes]) -> None:
    reassembler = Reassembler()
    for record in records:
        *more, last = split_record(1, record)
        assert all(reassembler.add(unit) is None for unit in more)
        assert reassembler.add(last) == record
        assert reassembler.cost == 0


@given(text, st.lists(st.integers(1, 3), min_size=1))
def test_c4_where_a_record_is_cut_is_the_senders_freedom(record: str, widths: list[int]) -> None:
    reassembler = Reassembler()
    start = 0
    for width in cycle(widths):
        if start + width >= len(record):
            assert reassembler.add(_unit(record[start:], LAST)) == record
            break
        assert reassembler.add(_unit(record[start : start + width], MORE)) is None
        start += width
