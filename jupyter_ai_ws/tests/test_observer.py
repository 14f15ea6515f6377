"""Words for what sessions go through, and what happens when telling fails."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ai_ws.observer import (
    END_CAUSES,
    PARK_CAUSES,
    Observers,
    SessionObserver,
    end_cause,
    park_cause,
)

from .raw_socket import welcomed

if TYPE_CHECKING:
    from jupyter_ai_ws.sessions import SessionServer

    from .conftest import Connect


def held(**state: bool) -> Any:
    return SimpleNamespace(**{"bye": False, "heard": True, **state})


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (1000, "closed"),
        (1001, "closed"),
        (1005, "closed"),
        (1006, "broken"),
        (4408, "silent"),
        (4409, "taken_over"),
        (1011, "other"),
        (4999, "other"),
    ],
)
def test_close_code_says_how_the_socket_was_lost(code: int, cause: str) -> None:
    assert park_cause(held(), code) == cause
    assert cause in PARK_CAUSES


def test_page_that_said_bye_is_no_cut() -> None:
    assert park_cause(held(bye=True), 1000) == "bye"
    assert park_cause(held(bye=True), 1006) == "broken"


@pytest.mark.parametrize(
    ("code", "state", "cause"),
    [
        (4404, {}, "expired"),
        (4404, {"bye": True}, "bye"),
        (4404, {"heard": False}, "unheard"),
        (4410, {}, "evicted"),
        (4409, {"heard": False}, "replaced"),
        (1001, {}, "shutdown"),
        (1009, {}, "too_big"),
        (4400, {}, "protocol_error"),
        (4999, {}, "other"),
    ],
)
def test_close_code_and_history_say_why_a_session_ended(
    code: int, state: dict[str, bool], cause: str
) -> None:
    assert end_cause(held(**state), code) == cause
    assert cause in END_CAUSES


class Failing(SessionObserver):
    def refused(self, code: int) -> None:
        raise RuntimeError("a bug")


class Counting(SessionObserver):
    count = 0

    def refused(self, code: int) -> None:
        self.count += 1


def test_observer_that_fails_is_logged_once_and_the_others_are_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    observers, counting = Observers(logging.getLogger("test")), Counting()
    observers.add(Failing())
    observers.add(counting)
    for _ in range(100):
        observers.tell(lambda observer: observer.refused(4400))
    assert counting.count == 100
    (record,) = caplog.records
    assert record.levelname == "WARNING"


class FailingAlways(SessionObserver):
    def created(self, *_: Any) -> None:
        raise RuntimeError("a bug")

    resumed = parked = ended = refused = created  # type: ignore[assignment]


async def test_sessions_work_though_every_observer_fails(
    connect: Connect, sessions: SessionServer
) -> None:
    sessions.observers.add(FailingAlways())
    socket, welcome = await welcomed(connect)
    socket.open(1, "echo")
    await socket.units(1)
    again = await connect(sid=socket.sid, epoch=welcome.epoch, received=1, serial=2)
    assert (await again.welcome()).resumed
    again.send("1\x1ea")
    assert await again.units(1) == ["a"]
    again.send("garbage")
    assert (await again.closed())[0] == 4400
    assert not sessions.acceptor.sessions
