from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_ai_ws.protocol.errors import ProtocolError
from jupyter_ai_ws.protocol.frames import (
    Ack,
    Bye,
    Control,
    Ping,
    Pong,
    Welcome,
    decode,
    encode_control,
    encode_units,
)
from jupyter_ai_ws.protocol.limits import (
    FAST_LOG_LIMIT_BYTES,
    MAX_CHANNEL,
    MESSAGE_LIMIT_BYTES,
    UNIT_LIMIT_BYTES,
    UNIT_OVERHEAD_BYTES,
)
from jupyter_ai_ws.protocol.text import utf8_length
from jupyter_ai_ws.protocol.units import (
    LAST,
    RS,
    WHOLE,
    Unit,
    cost_of,
    count_of,
    split_record,
)

from .strategies import any_text, channels, control_frames, large_bytes, large_text, text
from .vectors import broken_rule, expand, expand_units, load

_KINDS: dict[str, type[Control]] = {
    "welcome": Welcome,
    "ack": Ack,
    "ping": Ping,
    "pong": Pong,
    "bye": Bye,
}


def _control(members: dict[str, Any]) -> Control:
    members = dict(members)
    kind = members.pop("type")
    if kind == "welcome":
        members.setdefault("epoch", None)
    return _KINDS[kind](**members)


def _units(frames: list[str | bytes]) -> list[Unit]:
    """Return the units of frames that hold nothing else."""
    units: list[Unit] = []
    for frame in frames:
        inside = decode(frame)
        assert isinstance(inside, list)
        units += inside
    return units


@pytest.mark.parametrize("case", load("frames", "valid"))
def test_a_frame_of_units_is_read(case: dict[str, Any]) -> None:
    assert decode(expand(case["frame"])) == expand_units(case["units"])


@pytest.mark.parametrize("case", load("frames", "control"))
def test_a_control_frame_is_read_and_written(case: dict[str, Any]) -> None:
    control = _control(case["control"])
    frame = decode(case["frame"])
    assert frame == control
    assert all(type(value) is not float for value in msgspec.structs.astuple(control))
    if case["canonical"]:
        assert encode_control(control) == case["frame"]


@pytest.mark.parametrize("case", load("frames", "invalid"))
def test_what_does_not_follow_section_f_is_an_error(case: dict[str, Any]) -> None:
    assert broken_rule(decode, expand(case["frame"])) == case["rule"]


@pytest.mark.parametrize("case", load("frames", "written"))
def test_units_are_put_into_few_frames(case: dict[str, Any]) -> None:
    frames = encode_units(expand_units(case["units"]))
    assert frames == [expand(frame) for frame in case["frames"]]


@pytest.mark.parametrize("case", load("frames", "written_fast"))
def test_f2_on_a_fast_line_fragments_share_frames(case: dict[str, Any]) -> None:
    frames = encode_units(expand_units(case["units"]), fast=True)
    assert frames == [expand(frame) for frame in case["frames"]]


@given(control_frames)
def test_f1_a_control_frame_is_read_as_it_was_written(frame: Control) -> None:
    message = encode_control(frame)
    assert message.startswith('{"type":"')
    assert decode(message) == frame


@given(st.lists(st.tuples(st.integers(1, 3) | channels, large_text | large_bytes | text)))
def test_f2_f5_units_are_read_as_they_were_written(records: list[tuple[int, str | bytes]]) -> None:
    units = [unit for channel, record in records for unit in split_record(channel, record)]
    frames = encode_units(units)
    read: list[Unit] = []
    for frame in frames:
        inside = decode(frame)
        assert isinstance(inside, list)
        assert sum(unit.cost - UNIT_OVERHEAD_BYTES for unit in inside) <= UNIT_LIMIT_BYTES
        read += inside
    # A binary frame does not tell a whole record from a last fragment.
    assert read == [
        Unit(unit.channel, unit.payload, LAST, unit.cost)
        if isinstance(unit.payload, bytes) and unit.form == WHOLE
        else unit
        for unit in units
    ]


@pytest.mark.parametrize("record", ["", "x", "é"])
def test_f5_no_frame_of_small_records_costs_over_16_kib(record: str) -> None:
    units = [*split_record(1, record), *(split_record(1, "") * 8191)]
    units += units[:1] * (FAST_LOG_LIMIT_BYTES // units[0].cost)
    frames = encode_units(units, fast=True)
    assert _units(frames) == units
    assert all(cost_of(_units([frame])) <= UNIT_LIMIT_BYTES for frame in frames)


# Neither repeats itself by 16 KiB, and texts are cut below that.
@pytest.mark.parametrize(
    "record", [bytes(range(251)) * 4_000, "€" * 330_000, f"x{'𝄞' * 250_000}", "aé" * 330_000]
)
def test_f2_on_a_fast_line_fragments_share_frames_and_count_as_ever(record: str | bytes) -> None:
    units = split_record(MAX_CHANNEL, record)
    frames = encode_units(units, fast=True)
    assert len(frames) == -(-(len(units) - 1) // 15) + 1
    for frame in frames:
        wire = frame.encode() if isinstance(frame, str) else frame
        assert len(wire) <= MESSAGE_LIMIT_BYTES
    read = _units(frames)
    empty: Any = record[:0]
    assert empty.join(unit.payload for unit in read) == record
    assert count_of(read) == len(units)
    assert cost_of(read) == cost_of(units)


_heads = st.sampled_from(["", "0", "5", "12", "2147483647", "2147483648", "05", "5+", "5.", "0."])


@given(any_text | st.tuples(_heads, any_text).map(RS.join) | any_text.map("{".__add__))
@example("")
@example("²" + RS)
def test_b1_any_text_is_a_frame_or_an_error(message: str) -> None:
    try:
        frame = decode(message)
    except ProtocolError:
        return
    if isinstance(frame, list):
        payload = message.partition(RS)[2]
        assert sum(unit.cost for unit in frame) >= utf8_length(payload)


@given(st.binary())
def test_b1_any_bytes_are_a_frame_or_an_error(message: bytes) -> None:
    try:
        frame = decode(message)
    except ProtocolError:
        return
    assert isinstance(frame, list)
    assert isinstance(frame[0].payload, bytes)
    assert message.endswith(frame[0].payload)
    assert encode_units(frame) == [message]
