"""One schedule: applications, faults, and the oracle that judges the end."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING, NoReturn

from .applications import Application, Record, make_record
from .clock import Clock
from .ends import Frame, Page, Server
from .oracle import check_channel, check_memory
from .plan import Plan, draw_plan
from .wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_ai_ws.protocol.handshake import ResumeRequest
    from jupyter_ai_ws.protocol.held import HeldSession
    from jupyter_ai_ws.protocol.retry import ProbeAnswer
    from jupyter_ai_ws.protocol.server_end import ServerChannel
    from jupyter_ai_ws.protocol.status import Status

SETTLE_MS = 400_000.0
"""After the last fault everything must have arrived within this time, slow lines included."""
HANDSHAKE_BYTES = 600


class SimulationError(AssertionError):
    """A schedule ended wrong; the message begins with its seed."""


class World:
    """A page, a server, the wires between them and what goes wrong."""

    def __init__(self, seed: int, plan: Plan | None = None) -> None:
        self.seed = seed
        self.random = Random(seed)  # noqa: S311
        self.plan = plan or draw_plan(self.random)
        self.clock = Clock()
        self.wires: list[Wire] = []
        self.refusing = False
        self.hanging = False
        self.probe_answer: ProbeAnswer | None = None
        self.excused = False
        self.too_slow = False  # for the deadline: a living line may be declared dead
        self.numbers = 0
        self.records = 0
        self.lost_sessions = 0
        self.page_ends: dict[int, Application] = {}
        self.server_ends: dict[int, Application] = {}
        self.server = Server(self)
        self.page = Page(self)

    def fail(self, message: str) -> NoReturn:
        """Stop with the seed that replays this."""
        raise SimulationError(f"seed {self.seed} at {self.clock.now_ms:.0f} ms: {message}")

    def run(self) -> None:
        """Play the schedule to its end and judge it."""
        self.page.run(lambda: self.page.connector.start(self.clock.now_ms))
        self._plan_traffic()
        for _ in range(self.plan.faults):
            self.clock.at(self.random.random() * self.plan.length_ms, self._fault)
        self.clock.run_until(lambda: False, self.plan.length_ms)
        self._heal()
        if not self.clock.run_until(self._settled, self.clock.now_ms + SETTLE_MS):
            self.fail(f"hangs: {self.page.connector.status} {self._unsettled()}")
        for number, page_end in self.page_ends.items():
            check_channel(self, page_end, self.server_ends.get(number))
        check_memory(self)

    # -- Traffic -------------------------------------------------------------------------

    def next_record(self, size: int) -> Record:
        """Make a record that is unique in this world."""
        self.numbers += 1
        return make_record(self.random, self.numbers, size)

    def happened(self, end: Application) -> None:
        """Count a record that arrived."""
        self.records += 1

    def channel_requested(self, channel: ServerChannel) -> None:
        """Accept or refuse at the server, now or later."""
        if channel.number in self.server_ends:
            self.fail(f"channel {channel.number} was opened twice")
        end = Application(self, channel, "server")
        end.troubles = self.plan.troubles
        self.server_ends[channel.number] = end
        kind = self.random.random()
        if kind < 0.1:
            channel.refuse(4404, "no")
        elif kind < 0.3:
            self.clock.at(self.clock.now_ms + self.random.random() * 500, channel.accept)
        else:
            channel.accept()

    def _plan_traffic(self) -> None:
        for _ in range(self.plan.channels):
            self.clock.at(self.random.random() * self.plan.length_ms * 0.5, self._open)

    def _open(self) -> None:
        def opening() -> None:
            channel = self.page.connector.open("test", {"n": self.numbers})
            end = Application(self, channel, "page")
            end.troubles = self.plan.troubles
            self.page_ends[channel.number] = end
            self._plan_channel(channel.number)

        self.page.run(opening)

    def _plan_channel(self, number: int) -> None:
        left_ms = max(self.plan.length_ms - self.clock.now_ms, 1.0)
        for side in (self.page_ends, self.server_ends):
            burst = self.random.random() < 0.3
            at_ms = self.clock.now_ms + self.random.random() * left_ms
            for _ in range(self.random.randint(0, self.plan.records)):
                if not burst or self.random.random() < 0.1:
                    at_ms = self.clock.now_ms + self.random.random() * left_ms
                self.clock.at(at_ms, partial(self._send, side, number))
            if self.random.random() < self.plan.close_chance:
                how = self.random.choice(("close", "abort"))
                self.clock.at(
                    self.clock.now_ms + self.random.random() * left_ms * 1.2,
                    partial(self._close, side, number, how),
                )
            if self.random.random() < 0.15:
                self.clock.at(
                    self.clock.now_ms + self.random.random() * left_ms,
                    partial(self._stall, side, number),
                )

    def _on(self, side: dict[int, Application], act: Callable[[], None]) -> None:
        self.page.run(act) if side is self.page_ends else act()

    def _send(self, side: dict[int, Application], number: int) -> None:
        end = side.get(number)
        if end is not None:
            record = self.next_record(self.random.choice(self.plan.sizes))
            self._on(side, lambda: end.send(record))

    def _close(self, side: dict[int, Application], number: int, how: str) -> None:
        end = side.get(number)
        if end is not None:
            self._on(side, lambda: end.close(how))

    def _stall(self, side: dict[int, Application], number: int) -> None:
        end = side.get(number)
        if end is None:
            return
        end.stalled = True

        def go_on() -> None:
            end.stalled = False
            while not end.try_to_drain():
                pass

        at_ms = self.clock.now_ms + self.random.random() * 30_000
        self.clock.at(at_ms, lambda: self._on(side, go_on))

    # -- The network ---------------------------------------------------------------------

    def new_wire(self, page: Page) -> Wire:
        """Lay a wire."""
        if page.wires:
            self.fail("a second socket beside the first (S1)")
        wire = Wire(self.clock, self.plan.latency_ms, self.plan.bytes_per_ms)
        self.wires = [old for old in self.wires if old.page_open or old.server_open]
        self.wires.append(wire)
        return wire

    def connect(self, page: Page, socket_id: int, wire: Wire, request: ResumeRequest) -> None:
        """Carry an upgrade request to the server; now and then so late that others overtake."""
        wire.deliver = (page, socket_id)
        late_ms = 0.0
        if self.random.random() < self.plan.late_upgrades and not self._healed:
            late_ms = self.random.choice((200.0, 9_900.0, 15_000.0, 40_000.0))
        if self.refusing:
            rtt_ms = 2 * self.plan.latency_ms + 1
            self.clock.at(self.clock.now_ms + rtt_ms, lambda: self._refused(wire))
            return
        if self.hanging:
            wire.faulty_ms = self.clock.now_ms
            wire.kill()
            return

        def arrive() -> None:
            if wire.up.dead or wire.up.hole:
                return
            wire.up.send(HANDSHAKE_BYTES, lambda: self._upgrade(wire, request))

        self.clock.at(self.clock.now_ms + 2 * self.plan.latency_ms + late_ms, arrive)

    def _refused(self, wire: Wire) -> None:
        wire.server_open = False
        page, socket_id = wire.deliver
        page.closed(socket_id, 1006)

    def _upgrade(self, wire: Wire, request: ResumeRequest) -> None:
        page, socket_id = wire.deliver
        if self.server.alive:
            wire.down.send(HANDSHAKE_BYTES, lambda: page.opened(socket_id))
            self.server.upgrade(wire, request)

    def down(self, wire: Wire, frames: list[Frame]) -> None:
        """Carry frames to the page."""
        page, socket_id = wire.deliver
        for frame in frames:
            wire.down.send(len(frame), partial(page.message, socket_id, frame))

    def server_message(self, wire: Wire, frame: Frame) -> None:
        """Hand a frame to the server that runs now."""
        self.server.message(wire, frame)

    def hang_up(self, wire: Wire, code: int) -> None:
        """Carry the page's close to the server, behind what it wrote."""

        def arrive() -> None:
            wire.server_open = False
            self.server.gone(wire)

        late_ms = 2 * self.plan.latency_ms
        self.clock.at(self.clock.now_ms + late_ms, lambda: wire.up.send(0, arrive))

    def server_hangs_up(self, wire: Wire, code: int) -> None:
        """Carry the server's close to the page, behind what it wrote."""
        page, socket_id = wire.deliver
        wire.server_open = False
        wire.faulty_ms = self.clock.now_ms
        wire.down.send(0, lambda: page.closed(socket_id, code))

    def probe(self, page: Page, probe_id: int) -> None:
        """Answer a probe as the network and the server stand."""
        if self.hanging and self.probe_answer is None:
            return
        answer = self.probe_answer or ("unreachable" if self.refusing else "ok")

        def arrive() -> None:
            if probe_id in page.probes:
                page.probes.discard(probe_id)
                page.connector.probe_answered(probe_id, answer, self.clock.now_ms)

        rtt_ms = 4 * self.plan.latency_ms + 1
        self.clock.at(self.clock.now_ms + rtt_ms, lambda: page.run(arrive))

    # -- Faults --------------------------------------------------------------------------

    _healed = False

    def _fault(self) -> None:
        kinds = [self._cut, self._cut, self._half_cut, self._hole, self._stall_line, self._outage]
        if self.plan.restarts:
            kinds += [self._restart, self._expire]
        if self.plan.sleeps:
            kinds += [self._sleep, self._sleep]
        self.random.choice(kinds)()

    def _current(self) -> Wire | None:
        open_wires = [wire for wire in self.wires if wire.page_open]
        return open_wires[-1] if open_wires else None

    def _cut(self, wire: Wire | None = None) -> None:
        """Both ends learn of it, one of them later."""
        wire = wire or self._current()
        if wire is None or wire.up.dead:
            return
        wire.faulty_ms = self.clock.now_ms
        wire.kill()
        page, socket_id = wire.deliver
        later_ms = self.random.choice((0.0, 0.0, 5.0, 3_000.0))
        first, second = (0.0, later_ms) if self.random.random() < 0.5 else (later_ms, 0.0)
        self.clock.at(self.clock.now_ms + first, lambda: page.closed(socket_id, 1006))

        def server_learns() -> None:
            wire.server_open = False
            self.server.gone(wire)

        self.clock.at(self.clock.now_ms + second, server_learns)

    def _half_cut(self) -> None:
        """Only the server learns of it; the page has to find out."""
        wire = self._current()
        if wire is not None and not wire.up.dead:
            wire.faulty_ms = self.clock.now_ms
            wire.kill()
            wire.server_open = False
            self.server.gone(wire)

    def _hole(self) -> None:
        wire = self._current()
        if wire is not None:
            wire.faulty_ms = self.clock.now_ms
            which = self.random.randint(0, 2)
            wire.up.hole |= which != 1
            wire.down.hole |= which != 0

    def _stall_line(self) -> None:
        wire = self._current()
        if wire is not None:
            wire.faulty_ms = self.clock.now_ms
            until_ms = self.clock.now_ms + self.random.choice((300.0, 2_000.0, 10_000.0, 30_000.0))
            for pipe in (wire.up, wire.down):
                if self.random.random() < 0.7:
                    pipe.stalled_until_ms = until_ms

    def _outage(self) -> None:
        """Nothing connects for a while: refused or swallowed; the socket may live on or not."""
        if self.random.random() < 0.7:
            self._cut()
        self.refusing = self.random.random() < 0.5
        self.hanging = not self.refusing
        self.clock.at(
            self.clock.now_ms + self.random.choice((100.0, 5_000.0, 40_000.0)), self._end_outage
        )

    def _end_outage(self) -> None:
        self.refusing = self.hanging = False
        if self.random.random() < 0.3:
            self.page.run(lambda: self.page.connector.came_back(self.clock.now_ms))

    def _restart(self) -> None:
        old = self.server
        old.alive = False
        for held in list(old.acceptor.sessions.values()):
            held.session.end("restart")
        for wire in self.wires:
            self._cut(wire)
        self.server = Server(self)

    def _expire(self) -> None:
        for held in list(self.server.acceptor.sessions.values()):
            self.server.acceptor.end(held, "expired", 4410)

    def _sleep(self) -> None:
        """The machine sleeps; what came meanwhile is there when it wakes, or the line is gone."""
        asleep_ms = self.random.choice((500.0, 8_000.0, 100_000.0))
        wire = self._current()
        if wire is not None and self.random.random() < 0.5:
            wire.faulty_ms = self.clock.now_ms
            if self.random.random() < 0.5:
                wire.kill()
        if wire is not None:
            wire.faulty_ms = self.clock.now_ms
        self.page.asleep_until_ms = self.clock.now_ms + asleep_ms
        if self.random.random() < 0.5:
            self.page.run(lambda: self.page.connector.came_back(self.clock.now_ms))

    def status_changed(self, status: Status) -> None:
        """For tests that want to know."""

    def session_replaced(self) -> None:
        """The page lost its session: only allowed when the server lost it first."""
        self.lost_sessions += 1
        if not self.plan.restarts and not self.excused:
            self.fail("a session was lost without a reason")

    # -- The end -------------------------------------------------------------------------

    def _heal(self) -> None:
        self._healed = True
        self.refusing = self.hanging = False
        for end in (*self.page_ends.values(), *self.server_ends.values()):
            end.troubles = 0.0
        if self.page.connector.status.state == "stopped":
            self.page.connector.reconnect(self.clock.now_ms)

    def _unsettled(self) -> list[str]:
        return [
            f"{end.side} {end.channel.number} {end.channel.state} queue {end.channel.queue_cost}"
            for end in (*self.page_ends.values(), *self.server_ends.values())
            if not self._channel_settled(end)
        ]

    def _channel_settled(self, end: Application) -> bool:
        channel = end.channel
        if channel.final is not None:
            return end.final is not None
        return (
            not (channel.queue_cost or end.pending or end.stalled or channel.state != "open")
            and channel.empty
        )

    @property
    def held(self) -> HeldSession[Wire] | None:
        """The server's end of the page's session; others may be left of requests in vain."""
        request = self.page.connector.bye_request
        if request is None:
            return None
        held = self.server.acceptor.sessions.get(("owner", request.sid))
        return held if held is not None and held.epoch == request.epoch else None

    def _settled(self) -> bool:
        connector = self.page.connector
        if connector.status.state != "connected" or self.clock.now_ms < self.page.asleep_until_ms:
            return False
        session = connector.session
        if session.log.cost or session.has_unsent:
            return False
        held = self.held
        if held is None or held.session.log.cost or held.session.has_unsent:
            return False
        return not any(
            not self._channel_settled(end)
            for end in (*self.page_ends.values(), *self.server_ends.values())
        )
