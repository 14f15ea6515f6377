"""What an endpoint writes is handed on in order, at once or soon (F5)."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.guard.gathering import (
    ANSWERS,
    GATHER_LENGTH,
    GATHER_S,
    MAX_ANSWERS,
    Gathering,
)
from jupyter_ai_ws.protocol.limits import UNIT_OVERHEAD_BYTES

from .turns import turns

if TYPE_CHECKING:
    from collections.abc import Callable


pytestmark = pytest.mark.usefixtures("pass_time")


class Stream:
    """Records of an endpoint that the page has asked for long ago."""

    def __init__(self) -> None:
        self.handed_on: list[list[str | bytes]] = []
        self.gathering = Gathering(self.handed_on.append)
        self.answers = [f"answer {number}" for number in range(ANSWERS)]
        self.add(*self.answers)
        assert self.handed_on == [[each] for each in self.answers]
        self.handed_on.clear()

    def add(self, *records: str | bytes) -> None:
        for record in records:
            self.gathering.add(record)


async def test_what_follows_each_other_goes_together_when_the_time_is_up(
    pass_time: Callable[[float], None],
) -> None:
    stream = Stream()
    stream.add("a", b"b")
    pass_time(GATHER_S * 0.9)
    stream.add("")
    await turns()
    assert stream.handed_on == []
    pass_time(GATHER_S * 0.2)
    await turns()
    assert stream.handed_on == [["a", b"b", ""]]
    stream.add("c")
    await turns()
    assert stream.handed_on == [["a", b"b", ""]]


async def test_first_after_a_silence_does_not_wait(pass_time: Callable[[float], None]) -> None:
    stream = Stream()
    for record in ("a", "b", "c"):
        pass_time(GATHER_S)
        stream.add(record)
    assert stream.handed_on == [["a"], ["b"], ["c"]]


async def test_stream_is_not_held_up_by_a_handler_that_holds_up_the_loop(
    pass_time: Callable[[float], None],
) -> None:
    stream = Stream()
    for record in ("a", "b", "c", "d"):
        stream.add(record)
        pass_time(GATHER_S / 2)
    assert stream.handed_on == [["a", "b", "c"]]


async def test_answers_to_the_page_do_not_wait_and_take_along_what_does() -> None:
    stream = Stream()
    stream.add("late", "later")
    stream.gathering.asked()
    stream.add(*stream.answers, "more")
    first, *others = stream.answers
    assert stream.handed_on == [["late", "later", first], *([each] for each in others)]


@pytest.mark.parametrize(
    ("questions", "answers"), [(2, ANSWERS + 1), (100, ANSWERS + 99), (2000, MAX_ANSWERS)]
)
async def test_each_of_many_questions_may_have_its_answer(questions: int, answers: int) -> None:
    stream = Stream()
    for _ in range(questions):
        stream.gathering.asked()
    stream.add(*("x" for _ in range(answers + 1)))
    assert stream.handed_on == [["x"]] * answers


@pytest.mark.parametrize("record", ["x" * 100, b"\0", ""])
async def test_much_does_not_wait(record: str | bytes) -> None:
    stream = Stream()
    count = 0
    while not stream.handed_on:
        stream.add(record)
        count += 1
    assert stream.handed_on == [[record] * count]
    each = len(record) + UNIT_OVERHEAD_BYTES
    assert GATHER_LENGTH <= count * each < GATHER_LENGTH + each


async def test_what_is_large_goes_at_once_behind_what_waits(
    pass_time: Callable[[float], None],
) -> None:
    stream = Stream()
    stream.add("small", "x" * GATHER_LENGTH)
    assert stream.handed_on == [["small", "x" * GATHER_LENGTH]]
    pass_time(GATHER_S)
    await turns()
    assert len(stream.handed_on) == 1


async def test_flush_hands_on_what_waits_and_nothing_twice(
    pass_time: Callable[[float], None],
) -> None:
    stream = Stream()
    stream.add("a")
    stream.gathering.flush()
    stream.gathering.flush()
    pass_time(GATHER_S)
    await turns()
    assert stream.handed_on == [["a"]]


async def test_what_is_dropped_is_handed_on_no_more(pass_time: Callable[[float], None]) -> None:
    stream = Stream()
    stream.add("a")
    stream.gathering.drop()
    pass_time(GATHER_S)
    await turns()
    assert stream.handed_on == []


async def test_what_waited_is_not_handed_on_in_the_context_of_who_wrote(
    pass_time: Callable[[float], None],
) -> None:
    who = ContextVar("who", default="nobody")
    seen: list[str] = []
    gathering = Gathering(lambda records: seen.append(who.get()))
    who.set("handler")
    for _ in range(ANSWERS + 1):
        gathering.add("x")
    pass_time(GATHER_S)
    await turns()
    assert seen == ["handler"] * ANSWERS + ["nobody"]
