from __future__ import annotations

from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_ai_ws.protocol.liveness import Liveness
from jupyter_ai_ws.protocol.status import ConnectorOptions

from .vectors import load

_STATE = ("last_proof_ms", "ping_outstanding", "round_trip_ms")


@pytest.mark.parametrize("case", load("liveness", "cases"))
def test_a_script_is_followed(case: dict[str, Any]) -> None:
    options = ConnectorOptions(**case["options"])
    liveness = Liveness(options)
    for number, step in enumerate(case["steps"]):
        rest = {key: value for key, value in step.items() if key not in ("at", "call", "args")}
        if step["call"] == "set":
            for name in set(rest) - {"next", "hidden"}:
                setattr(options, name, rest[name])
            if "hidden" in rest:
                liveness.hidden_ms = step["at"] if rest["hidden"] else inf
        else:
            gives = getattr(liveness, step["call"])(*step.get("args", ()), step["at"])
            assert gives == rest.get("gives"), number
            for name in _STATE:
                if name in rest:
                    assert getattr(liveness, name) == rest[name], number
        if "next" in rest:
            expected = inf if rest["next"] is None else rest["next"]
            assert liveness.next_check_ms == expected, number


_events = st.tuples(
    st.sampled_from(["unit", "ping", "pong", "ack", "ack-all", "fed", "check"]),
    st.floats(0, 4000),
)


class _Model:
    """Rules L3 and L4 told another way: as a list of what has happened."""

    def __init__(self) -> None:
        self.proofs = [0.0]
        self.armed = self.restarted = inf
        self.owed: set[str] = set()
        self.pinged = self.round_trip = 0.0

    def prove(self, now: float) -> None:
        self.proofs.append(now)
        self.armed = self.restarted = now if self.owed else inf

    def owe(self, what: str, now: float) -> None:
        if not self.owed:
            self.armed = self.restarted = now
        self.owed.add(what)

    @property
    def deadline(self) -> float:
        if not self.owed:
            return inf
        frame_ms = 1 if "ack" in self.owed else 0
        answer_ms = min(6000, max(3000, 2 * self.round_trip))
        return min(self.restarted + answer_ms + frame_ms, max(self.proofs[-1], self.armed) + 20_000)


@given(st.lists(_events))
def test_l3_the_deadline_is_that_of_the_rule(events: list[tuple[str, float]]) -> None:
    liveness = Liveness()
    liveness.start(0)
    model = _Model()
    now = 0.0
    ping = 0
    for event, later in events:
        now += later
        if now >= model.deadline:
            late = now - model.deadline > 1000
            assert liveness.check(now) == ("ping" if late else "dead")
            return
        match event:
            case "unit":
                liveness.written(8, now)
                model.owe("ack", now)
            case "ping":
                ping = liveness.ping(now)
                model.pinged = now
                model.owe("pong", now)
            case "pong":
                liveness.pong(ping, now)
                if "pong" in model.owed:
                    model.owed.discard("pong")
                    model.round_trip = now - model.pinged
                    model.prove(now)
            case "ack" | "ack-all":
                if "ack" in model.owed:
                    if event == "ack-all":
                        model.owed.discard("ack")
                    liveness.ack_advanced(8 if "ack" in model.owed else 0, now)
                    model.prove(now)
            case "fed":
                liveness.units_received(8192, now)
                model.restarted = now
            case _:
                due = "pong" not in model.owed and now >= model.proofs[-1] + 5000
                assert liveness.check(now) == ("ping" if due else "alive")
        due_ms = inf if "pong" in model.owed else model.proofs[-1] + 5000
        assert liveness.next_check_ms == min(model.deadline, due_ms)
        assert liveness.last_proof_ms == model.proofs[-1]
        assert liveness.ping_outstanding is ("pong" in model.owed)


@given(st.floats(0, 2999), st.integers(1, 50))
def test_l2_a_socket_that_answers_in_time_is_never_abandoned(delay: float, pings: int) -> None:
    liveness = Liveness()
    liveness.start(0)
    for _ in range(pings):
        now = liveness.next_check_ms
        assert liveness.check(now) == "ping"
        ping = liveness.ping(now)
        assert liveness.check(now + delay) == "alive"
        liveness.pong(ping, now + delay)
        assert liveness.last_proof_ms == now + delay


@given(st.lists(st.floats(0, 2999), max_size=50))
def test_l3_a_socket_that_proves_nothing_is_abandoned_after_25_s(feeds: list[float]) -> None:
    liveness = Liveness()
    liveness.start(0)
    now = 0.0
    times = []
    for gap in feeds:
        now += gap
        times.append(now)
    while True:
        now = liveness.next_check_ms
        while times and times[0] <= now:
            liveness.units_received(8192, times.pop(0))
        if liveness.next_check_ms > now:
            continue
        verdict = liveness.check(now)
        if verdict == "dead":
            break
        assert verdict == "ping"
        liveness.ping(now)
    assert 8000 <= now <= 25_000


@given(st.lists(st.floats(1001, 1e6), min_size=1))
def test_l4_late_timers_give_one_reprieve_only(delays: list[float]) -> None:
    liveness = Liveness()
    liveness.start(0)
    now = 5000.0
    liveness.ping(now)
    verdicts = []
    for delay in delays:
        now = liveness.next_check_ms + delay
        verdicts.append(liveness.check(now))
        if verdicts[-1] == "ping":
            liveness.ping(now)
    assert verdicts == ["ping", *["dead"] * (len(delays) - 1)]
