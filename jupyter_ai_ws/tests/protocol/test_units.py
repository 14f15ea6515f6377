from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from jupyter_ai_ws.protocol.errors import RecordTooLargeError
from jupyter_ai_ws.protocol.limits import UNIT_LIMIT_BYTES, UNIT_OVERHEAD_BYTES
from jupyter_ai_ws.protocol.text import utf8_length, well_formed
from jupyter_ai_ws.protocol.units import LAST, MORE, RS, WHOLE, Unit, split_record

from .strategies import any_text, large_bytes, large_text
from .vectors import expand, expand_units, load


@pytest.mark.parametrize("case", load("units", "split"))
def test_a_record_is_cut_into_units(case: dict[str, Any]) -> None:
    units = split_record(case["channel"], expand(case["record"]))
    assert units == expand_units(case["units"])


@pytest.mark.parametrize("case", load("units", "refused"))
def test_a_record_over_its_limit_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(RecordTooLargeError) as caught:
        split_record(case["channel"], expand(case["record"]))
    assert caught.value.size_bytes == case["size_bytes"]
    assert caught.value.limit_bytes == case["limit_bytes"]


def test_m_a_record_of_16_mib_is_taken() -> None:
    units = split_record(1, "x" * (16 * 1024 * 1024))
    assert len(units) == 1024


def test_bytes_that_may_change_are_copied() -> None:
    buffer = bytearray(b"abc")
    (unit,) = split_record(1, buffer)  # type: ignore[arg-type]
    buffer[0] = 0
    assert unit.payload == b"abc"


def _check_units(units: list[Unit], whole: str | bytes) -> None:
    empty: Any = whole[:0]
    assert empty.join(unit.payload for unit in units) == whole
    for unit in units:
        payload = unit.payload
        size = utf8_length(payload) if isinstance(payload, str) else len(payload)
        assert size <= UNIT_LIMIT_BYTES
        assert unit.cost == size + UNIT_OVERHEAD_BYTES
    *more, last = units
    assert all(unit.form == MORE and unit.payload for unit in more)
    if more or (isinstance(whole, str) and RS in whole):
        assert last.form == LAST
    else:
        assert last.form == WHOLE


@given(large_text | any_text)
def test_c1_c3_c4_the_units_of_a_text_make_the_text(text: str) -> None:
    _check_units(split_record(1, text), well_formed(text))


@given(large_bytes)
def test_c1_c4_the_units_of_bytes_make_the_bytes(record: bytes) -> None:
    _check_units(split_record(1, record), record)
