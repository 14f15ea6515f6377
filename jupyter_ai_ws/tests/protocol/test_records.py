from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_ai_ws.protocol.records import (
    Accept,
    Close,
    Credit,
    Open,
    Record,
    Refuse,
    decode_record,
    encode_record,
)
from jupyter_ai_ws.protocol.text import well_formed

from .strategies import any_text, json_values, records
from .vectors import broken_rule, load

_KINDS: dict[str, type[Record]] = {
    "open": Open,
    "accept": Accept,
    "refuse": Refuse,
    "close": Close,
    "credit": Credit,
}


@pytest.mark.parametrize("case", load("records", "valid"))
def test_a_record_is_read_and_written(case: dict[str, Any]) -> None:
    members = dict(case["record"])
    record = _KINDS[members.pop("type")](**members)
    assert decode_record(case["text"]) == record
    if case["canonical"]:
        assert encode_record(record) == case["text"]


@pytest.mark.parametrize("case", load("records", "invalid"))
def test_what_does_not_follow_section_z_is_an_error(case: dict[str, Any]) -> None:
    assert broken_rule(decode_record, case["text"]) == case["rule"]


@given(records)
def test_z_a_record_is_read_as_it_was_written(record: Record) -> None:
    text = encode_record(record)
    assert text.startswith('{"type":"')
    assert decode_record(well_formed(text)) == record


@given(any_text | json_values.map(lambda value: encode_record(Accept(1, {"": value}))))
def test_b1_any_text_is_a_record_or_an_error(text: str) -> None:
    assert broken_rule(decode_record, text) in (None, "F6", "Z4")


_members = {
    "channel": json_values,
    "service": json_values,
    "parameters": json_values,
    "code": json_values,
    "reason": json_values,
    "taken": json_values,
}


@given(st.sampled_from(sorted(_KINDS)), st.fixed_dictionaries({}, optional=_members))
def test_b1_any_members_make_a_record_or_an_error(kind: str, members: dict[str, Any]) -> None:
    text = json.dumps({"type": kind, **members})
    if broken_rule(decode_record, text) is None:
        assert isinstance(decode_record(text), _KINDS[kind])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode_record(Accept(1, {"x": value}))
