"""What users of bad lines are promised, each measured on one made for it."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.protocol.limits import ASK_AFTER_MS, CREDIT_BYTES, LOG_LIMIT_BYTES, MIB
from jupyter_ai_ws.protocol.status import ConnectorOptions
from jupyter_ai_ws.tests.protocol.simulator.line import (
    HOUR_MS,
    MINUTE_MS,
    SECOND_MS,
    TIMER_MS,
    Line,
)

if TYPE_CHECKING:
    from jupyter_ai_ws.tests.protocol.simulator.applications import Application

RATES = {"64 kbit/s": 8.0, "256 kbit/s": 32.0, "1 Mbit/s": 125.0, "10 Mbit/s": 1_250.0}
"""Bytes a millisecond."""
HOLES = {"up": (True, False), "down": (False, True), "both ways": (True, True)}


# -- Half-open lines (L2, L3) -------------------------------------------------------------


def found_after_ms(line: Line, hole: str) -> float:
    """Let the line go half-open; return how long the page takes to find out."""
    up, down = HOLES[hole]
    line.swallow(up=up, down=down)
    return line.until(lambda: line.page.deaths > 0, MINUTE_MS)


def slack_ms(line: Line) -> float:
    """What was under way still arrives and proves; then two timers fire."""
    return line.plan.latency_ms + 2 * TIMER_MS


@pytest.mark.parametrize("hole", HOLES)
@pytest.mark.parametrize("traffic", ["idle", "tokens down", "tokens up"])
def test_a_half_open_line_is_found_within_8_s(traffic: str, hole: str) -> None:
    worst_ms = 0.0
    for phase_ms in range(0, 6_000, 150):
        line = Line()
        line.join()
        page, server = line.open()
        if traffic != "idle":
            line.every(
                100, partial(line.send, server if traffic == "tokens down" else page, "token ")
            )
        line.run_for(3_000 + phase_ms)
        found_ms = found_after_ms(line, hole)
        assert found_ms <= 8_000 + slack_ms(line)
        worst_ms = max(worst_ms, found_ms)
    print(f"{traffic}, hole {hole}: found after {worst_ms / 1000:.2f} s at worst")


@pytest.mark.parametrize("hole", HOLES)
@pytest.mark.parametrize("bulk", ["up", "down", "both ways"])
@pytest.mark.parametrize("rate", ["64 kbit/s", "1 Mbit/s"])
def test_a_half_open_line_under_bulk_is_found_within_25_s(rate: str, bulk: str, hole: str) -> None:
    worst_ms = 0.0
    for phase_ms in range(0, 6_000, 300):
        line = Line(bytes_per_ms=RATES[rate])
        line.join()
        page, server = line.open()
        for end in bulk_senders(bulk, page, server):
            end.send("x" * 8 * MIB)
        line.run_for(20_000 + phase_ms)
        found_ms = found_after_ms(line, hole)
        assert found_ms <= 25_000 + slack_ms(line)
        worst_ms = max(worst_ms, found_ms)
    print(f"{rate}, bulk {bulk}, hole {hole}: found after {worst_ms / 1000:.2f} s at worst")


# -- Slow lines (L3, W) -------------------------------------------------------------------


def bulk_senders(bulk: str, page: Application, server: Application) -> list[Application]:
    """The ends that send."""
    return {"up": [page], "down": [server], "both ways": [page, server]}[bulk]


def own_time_ms(bulk: str, size: int, rate: float, rtt_ms: float) -> float:
    """What the line itself takes.

    Both ways, acknowledgements stand behind the other end's window of 128 KiB, so that each
    window costs half a round trip more; one way, they come back while it is on its way.
    """
    windows = size / LOG_LIMIT_BYTES if bulk == "both ways" else 0
    return size / rate + rtt_ms + windows * rtt_ms / 2


@pytest.mark.parametrize("rtt_ms", [20, 150, 600])
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("bulk", ["up", "down", "both ways"])
def test_bulk_over_a_slow_line_and_a_cut(bulk: str, rate: str, rtt_ms: int) -> None:
    size = 8 * MIB
    line = Line(latency_ms=rtt_ms / 2, bytes_per_ms=RATES[rate])
    line.join()
    ends = line.open()
    senders = bulk_senders(bulk, *ends)
    started_ms = line.now_ms
    for end in senders:
        for _ in range(size // (MIB // 4)):
            end.send("x" * (MIB // 4))
    own_ms = own_time_ms(bulk, size, RATES[rate], rtt_ms)
    line.run_for(own_ms / 2)
    line.cut()
    line.until(lambda: sum(len(end.received) * MIB // 4 for end in ends) == size * len(senders))
    took_ms = line.now_ms - started_ms
    print(
        f"{bulk}, {rate}, RTT {rtt_ms} ms: {took_ms / (size / RATES[rate] + rtt_ms):.3f} x "
        f"payload / rate + RTT, {took_ms / own_ms:.3f} x the line's own time"
    )
    assert line.page.deaths == 0
    assert line.connector.resumes == 1
    if RATES[rate] <= RATES["1 Mbit/s"]:
        assert took_ms <= 1.05 * own_ms


@pytest.mark.parametrize("bulk", ["up", "down", "both ways"])
def test_a_fast_line_that_comes_back_slow_is_not_declared_dead(bulk: str) -> None:
    line = Line(latency_ms=10, bytes_per_ms=RATES["10 Mbit/s"])
    line.join()
    page, server = line.open()
    senders = bulk_senders(bulk, page, server)
    for end in senders:
        for _ in range(12):
            end.send("x" * (MIB // 4))
    logs = [end.channel._session.log for end in senders]
    line.until(lambda: all(log.fast and log.cost > 3 * LOG_LIMIT_BYTES for log in logs))
    line.plan.bytes_per_ms = RATES["64 kbit/s"]
    line.cut()
    line.until(lambda: len(page.received) + len(server.received) == 12 * len(senders))
    assert line.page.deaths == 0
    assert line.connector.resumes == 1


@pytest.mark.parametrize("rate", ["64 kbit/s", "256 kbit/s"])
@pytest.mark.parametrize("bulk", ["up", "down", "both ways"])
def test_a_fast_line_that_got_slow_unused_is_not_declared_dead(bulk: str, rate: str) -> None:
    line = Line(latency_ms=10, bytes_per_ms=RATES["10 Mbit/s"])
    line.join()
    page, server = line.open()
    senders = bulk_senders(bulk, page, server)
    record = "x" * (MIB // 4)
    for end in senders:
        for _ in range(4):
            end.send(record)
    logs = [end.channel._session.log for end in senders]
    line.until(lambda: all(log.fast for log in logs))
    line.until(lambda: len(page.received) + len(server.received) == 4 * len(senders))
    assert all(log.fast for log in logs)
    line.run_for(MINUTE_MS)
    line.change_rate(RATES[rate])
    for end in senders:
        for _ in range(2):
            line.send(end, record)
    line.run_for(100)
    assert all(LOG_LIMIT_BYTES / 2 < log.cost <= LOG_LIMIT_BYTES for log in logs)
    line.until(lambda: len(page.received) + len(server.received) == 6 * len(senders))
    assert line.page.deaths == 0
    assert line.connector.resumes == 0


@pytest.mark.parametrize("rate", [1.0, 2.0, 4.0])
def test_l3_a_line_too_slow_for_the_deadline_is_not_given_up_for_ever(rate: float) -> None:
    line = Line(latency_ms=20, bytes_per_ms=rate)
    line.too_slow = True
    line.join()
    page, server = line.open()
    for number in range(160):
        server.send(f"token {number} ".ljust(250, "x"))
    took_ms = line.until(lambda: len(page.received) == 160, 10 * MINUTE_MS)
    print(f"{rate * 8:.0f} kbit/s: {took_ms / (160 * 250 / rate):.2f} x the payload's own time")
    assert took_ms <= 3 * 160 * 250 / rate


def test_a_stalled_consumer_stops_only_its_own_channel() -> None:
    line = Line(bytes_per_ms=RATES["10 Mbit/s"])
    line.join()
    stalled = line.open()
    flowing = line.open()
    for sender, receiver in (stalled, stalled[::-1]):
        receiver.stalled = True
        for _ in range(16):
            sender.send("x" * (MIB // 8))
    line.run_for(10_000)
    for sender, receiver in (stalled, stalled[::-1]):
        # A record may start below the limit and then goes whole (W4).
        assert CREDIT_BYTES <= receiver.channel.inbox_cost <= CREDIT_BYTES + MIB // 8
        assert sender.channel.queue_cost > 0
    for sender in flowing:
        for _ in range(16):
            sender.send("y" * (MIB // 4))
    took_ms = line.until(lambda: all(len(end.received) == 16 for end in flowing))
    print(f"4 MiB each way beside a stalled channel at 10 Mbit/s: {took_ms / 1000:.2f} s")
    assert took_ms <= 1.25 * 4 * MIB / RATES["10 Mbit/s"]
    for end in stalled:
        end.stalled = False
        line.do(end.drain)
    line.until(lambda: all(len(end.received) == 16 for end in stalled))


# -- Away and back (P, H9, L8) ------------------------------------------------------------


def test_a_page_that_slept_for_8_h_resumes() -> None:
    line = Line()
    line.join()
    page, server = line.open()
    line.run_for(1_000)
    wire = line.wire
    wire.kill()
    line.page.asleep_until_ms = line.now_ms + 8 * HOUR_MS
    for hour in range(8):
        line.run_for(HOUR_MS - 1)
        server.send(f"answer {hour}")
    line.run_for(10)
    assert line.server.held == {}
    line.do(lambda: line.connector.came_back(line.now_ms))
    took_ms = line.until(lambda: len(page.received) == 8)
    print(f"awake after 8 h: all there after {took_ms / 1000:.2f} s")
    assert line.connector.resumes == 1
    assert line.lost_sessions == 0
    assert took_ms <= 6_000


def test_a_server_restart_is_one_discontinuity_that_counts() -> None:
    line = Line(latency_ms=100.0)
    line.join()
    pairs = [line.open(), line.open()]
    for page, _ in pairs:
        for number in range(5):
            line.send(page, f"acknowledged {number}")
    line.run_for(1_000)
    line.swallow(up=False, down=True)
    for page, _ in pairs:
        for number in range(3):
            line.send(page, f"perhaps {number}")
    line.run_for(500)
    line.refusing = True
    line.cut()
    for page, _ in pairs:
        for number in range(4):
            line.send(page, f"never {number}")
    line.restart()
    line.run_for(5_000)
    assert all(page.final is None for page, _ in pairs)
    line.refusing = False
    line.until(lambda: line.state == "connected")
    for page, server in pairs:
        assert len(server.received) == 8
        final = page.final
        assert final is not None
        assert final.kind == "discontinuity"
        assert final.reason == "restarted"
        counts = (final.acknowledged, final.perhaps_delivered, final.never_written)
        print(f"acknowledged, perhaps delivered, never written: {counts}")
        assert counts == (5, 3, 4)
    assert line.lost_sessions == 1
    new, _ = line.open()
    assert new.channel.number == 3  # Z2


def test_a_hidden_page_pings_every_25_s_and_sleeps_after_10_min() -> None:
    line = Line()
    line.join()
    page, server = line.open()
    line.do(lambda: page.send("used"))
    line.do(lambda: line.connector.hid(line.now_ms))
    line.run_for(60_000)
    used_ms = line.now_ms
    server.send("used")  # starts the ten minutes anew
    pings: list[float] = []
    send = line.wire.up.send

    def spy(size: int, deliver: object) -> None:
        pings.append(line.now_ms)
        send(size, deliver)  # type: ignore[arg-type]

    line.wire.up.send = spy  # type: ignore[method-assign]
    line.until(lambda: line.state == "sleeping")
    slept_ms = line.now_ms - used_ms
    gaps = [after - before for before, after in pairwise(pings[1:])]
    print(f"asleep after {slept_ms / MINUTE_MS:.2f} min, pings {min(gaps):.0f} ms apart")
    assert all(25_000 <= gap <= 25_000 + slack_ms(line) + 20 for gap in gaps)
    assert 10 * MINUTE_MS <= slept_ms <= 10 * MINUTE_MS + 300
    line.run_for(MINUTE_MS)
    server.send("waits")
    line.run_for(HOUR_MS)
    assert line.state == "sleeping"
    line.do(lambda: page.send("wake"))
    line.until(lambda: server.received[-1] == "wake" and page.received[-1] == "waits", SECOND_MS)
    line.until(lambda: line.state == "sleeping", 11 * MINUTE_MS)
    line.do(lambda: line.connector.shown(line.now_ms))
    line.until(lambda: line.state == "connected", SECOND_MS)
    assert line.connector.status.attempt == 0
    assert line.lost_sessions == 0


# -- Coming back (R, S2) ------------------------------------------------------------------


def test_the_user_is_asked_after_30_s_and_retries_go_on_behind() -> None:
    line = Line()
    line.join()
    line.run_for(10_000)
    line.refusing = True
    line.cut()
    cut_ms = line.now_ms
    line.until(lambda: line.connector.status.question == "attempts")
    asked_ms = line.now_ms - cut_ms
    print(f"asked after {asked_ms / 1000:.2f} s and {line.connector.status.attempt} attempts")
    assert ASK_AFTER_MS <= asked_ms <= ASK_AFTER_MS + TIMER_MS
    assert line.connector.status.attempt >= 5
    tries = len(line.probed_ms)
    line.run_for(5 * MINUTE_MS)
    assert len(line.probed_ms) - tries >= 10 + 10
    line.refusing = False
    line.until(lambda: line.state == "connected", 31_000)
    assert line.connector.status.question == "none"
    assert line.connector.resumes == 1


def test_the_user_is_asked_no_earlier_than_all_attempts_are_spent() -> None:
    line = Line(options=ConnectorOptions(max_attempts=20))
    line.join()
    line.refusing = True
    line.cut()
    line.until(lambda: line.connector.status.question == "attempts")
    assert line.connector.status.attempt == 20


def test_retries_stop_while_asking_when_switched_off() -> None:
    line = Line(options=ConnectorOptions(retry_while_asking=False))
    line.join()
    line.run_for(10_000)
    line.refusing = True
    line.cut()
    line.until(lambda: line.state == "stopped")
    assert line.connector.status.question == "attempts"
    tries = len(line.probed_ms) + len(line.dialled_ms)
    line.refusing = False
    line.run_for(HOUR_MS)
    assert len(line.probed_ms) + len(line.dialled_ms) == tries
    line.do(lambda: line.connector.reconnect(line.now_ms))
    line.until(lambda: line.state == "connected", SECOND_MS)


@pytest.mark.parametrize("answer", ["login", "incompatible", "stopped", "missing"])
def test_a_permanent_cause_is_believed_after_two_probes_2_s_apart(answer: str) -> None:
    line = Line()
    line.join()
    line.run_for(10_000)
    line.refusing = True
    line.probe_answer = answer  # type: ignore[assignment]
    line.cut()
    line.until(lambda: line.connector.status.question == "permanent")
    print(f"{answer}: probes at {[round(at - line.probed_ms[0]) for at in line.probed_ms]} ms")
    assert len(line.probed_ms) == 2
    assert 2_000 <= line.probed_ms[1] - line.probed_ms[0] <= 2_100
    assert line.connector.status.cause == answer
    assert line.state == "waiting"
    line.run_for(61_000)
    assert len(line.probed_ms) == 4  # every 30 s
    line.refusing = False
    line.probe_answer = None
    line.until(lambda: line.state == "connected", 31_000)


def test_a_cause_that_changes_is_not_believed() -> None:
    line = Line()
    line.join()
    line.refusing = True
    line.probe_answer = "stopped"
    line.cut()
    line.until(lambda: len(line.probed_ms) == 1)
    line.run_for(1_000)
    line.probe_answer = "login"
    line.until(lambda: len(line.probed_ms) == 2)
    line.run_for(1_000)
    assert line.connector.status.question == "none"
    line.until(lambda: line.connector.status.question == "permanent", 2_000)


def test_missing_before_any_welcome_stops() -> None:
    line = Line()
    line.refusing = True
    line.probe_answer = "missing"
    line.start()
    line.until(lambda: line.state == "stopped", MINUTE_MS)
    assert line.connector.status.question == "permanent"
    assert len(line.probed_ms) == 2
    line.run_for(HOUR_MS)
    assert len(line.probed_ms) == 2


def test_the_time_out_of_a_socket_doubles_from_10_to_120_s() -> None:
    line = Line()
    line.hanging = True
    line.probe_answer = "ok"
    line.start()
    line.until(lambda: len(line.dialled_ms) == 7)
    waits = [round(line.next_ms("waiting", at) - at) // 1000 for at in line.dialled_ms[:6]]
    print(f"time-outs: {waits} s")
    assert waits == [10, 20, 40, 80, 120, 120]


def test_two_idle_cuts_at_the_same_silence_lower_the_heartbeat() -> None:
    line = Line()
    line.join()
    line.do(lambda: line.connector.hid(line.now_ms))
    for _ in range(2):
        line.until(lambda: line.state == "connected")
        line.run_for(1_000)
        while (left_ms := line.wire.used_ms + 20_000 - line.now_ms) > 0:
            line.run_for(left_ms)
        line.cut()
    line.until(lambda: line.state == "connected")
    heartbeat_ms = line.connector.liveness.heartbeat_interval_ms
    print(f"cut after 20 s of silence: heartbeat {heartbeat_ms / 1000:.2f} s")
    assert 13_000 <= heartbeat_ms <= 13_400
    line.connector.liveness.hidden_ms = inf
    assert line.connector.liveness.heartbeat_interval_ms == 5_000
    assert line.connector.proxy.silence_limit_ms == pytest.approx(20_000, rel=0.01)
