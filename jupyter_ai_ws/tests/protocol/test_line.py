"""A welcomed socket: H3, L3, L7, L8, R8."""

from __future__ import annotations

import pytest

from jupyter_ai_ws.protocol.line import Line
from jupyter_ai_ws.protocol.liveness import Liveness
from jupyter_ai_ws.protocol.session import Session

from .driver import Driver


class Fixture:
    """A line whose welcome has just come."""

    def __init__(self) -> None:
        self.driver = Driver()
        self.liveness = Liveness()
        self.session = Session(self.driver, 1, self.liveness)
        self.session.attach(0, 0)
        self.line = Line(self.driver, 1, self.session, self.liveness, 0)


@pytest.fixture
def joined() -> Fixture:
    return Fixture()


def test_h3_the_welcome_is_answered_by_a_ping(joined: Fixture) -> None:
    assert joined.driver.frames == ['{"type":"ping","id":1,"received":0}']
    assert joined.liveness.ping_outstanding


@pytest.mark.parametrize(("pong_ms", "settled"), [(4_999, False), (5_000, True)])
def test_r8_a_proof_on_a_socket_5_s_old_settles(
    joined: Fixture, pong_ms: float, settled: bool
) -> None:
    before = joined.line.settled
    joined.liveness.pong(1, pong_ms)
    assert (before, joined.line.settled) == (False, settled)


def test_l3_what_is_in_flight_arms_the_deadline(joined: Fixture) -> None:
    joined.liveness.pong(1, 0)
    joined.session.open("test")
    joined.line.write(joined.session.flush(1_000), 1_000)
    deadline_ms = 1_000 + 3_000 + joined.session.log.cost / 8
    assert joined.liveness.next_check_ms == min(5_000, deadline_ms)


def test_l7_silence_is_since_anything_went_either_way(joined: Fixture) -> None:
    joined.liveness.pong(1, 10)
    joined.line.active(10)
    silences_ms = [joined.line.silence_ms(4_010)]
    joined.line.write([], 5_000)
    silences_ms.append(joined.line.silence_ms(6_000))
    assert silences_ms == [4_000, 1_000]


@pytest.mark.parametrize(("later_ms", "silence_ms"), [(999, 5_999), (1_000, 1_000)])
def test_l7_a_ping_that_just_lost_the_race_does_not_count(
    joined: Fixture, later_ms: float, silence_ms: float
) -> None:
    joined.liveness.pong(1, 0)
    joined.line.ping(5_000)
    assert joined.line.silence_ms(5_000 + later_ms) == silence_ms


def test_l8_heartbeats_are_no_use(joined: Fixture) -> None:
    joined.line.active(1_000)
    joined.line.ping(2_000)
    assert joined.line.used_ms == 0
    joined.session.units_moved += 1
    joined.line.active(3_000)
    joined.line.active(4_000)
    assert joined.line.used_ms == 3_000
