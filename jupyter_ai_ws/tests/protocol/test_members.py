from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from jupyter_ai_ws.protocol.errors import ProtocolError
from jupyter_ai_ws.protocol.members import (
    ABSENT,
    is_count,
    is_flag,
    is_object,
    is_text,
    parse_json,
    read_members,
)

from .strategies import any_text
from .vectors import broken_rule

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPES = {"a": {"count": is_count, "text": is_text}, "b": {}}


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_f6_what_only_python_reads_as_json_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        parse_json(name)


@pytest.mark.parametrize("brackets", ["[]", '{"a":}'])
def test_b_json_nested_too_deeply_is_an_error(brackets: str) -> None:
    text = '{"x":' + brackets[:-1] * 30_000 + "1" + brackets[-1] * 30_000 + "}"
    with pytest.raises(ProtocolError, match="no JSON object"):
        read_members(text, SHAPES)


@given(any_text)
def test_f6_any_text_is_an_object_or_an_error(text: str) -> None:
    for candidate in (text, "{" + text, '{"' + text + '":1}'):
        assert broken_rule(read_members, candidate, SHAPES) in (None, "F6")


def test_f6_only_the_members_of_the_shape_are_read() -> None:
    text = '{"x":1,"text":"t","type":"a","count":2.0}'
    kind, members = read_members(text, SHAPES)
    assert (kind, members) == ("a", {"count": 2, "text": "t"})
    assert type(members["count"]) is int


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", '"a"', "1", "{}", '{"type":"c"}', '{"type":["b"]}', '{"type":"a"}'],
)
def test_f6_what_is_of_no_shape_is_refused(text: str) -> None:
    assert broken_rule(read_members, text, SHAPES) == "F6"


@pytest.mark.parametrize(
    ("fits", "right", "wrong"),
    [
        (is_text, ["", "a"], [0, None, ABSENT, {}, ["a"], True]),
        (is_flag, [True, False], [0, 1, None, ABSENT, "true", {}]),
        (is_object, [{}, {"a": 1}], [None, ABSENT, [], "", 1]),
        (
            is_count,
            [0, 1, 2**53 - 1, 1.0],
            [-1, 0.5, 2**53, float("inf"), "1", True, None, ABSENT, [1]],
        ),
    ],
)
def test_f6_each_type_is_told_from_others(
    fits: Callable[[object], bool], right: list[object], wrong: list[object]
) -> None:
    assert all(map(fits, right))
    assert not any(map(fits, wrong))
