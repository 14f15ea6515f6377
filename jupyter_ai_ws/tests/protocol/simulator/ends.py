"""The two ends on simulated wires: thin shells as the real ones are, with the same duties."""

from __future__ import annotations

from collections import deque
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from jupyter_ai_ws.protocol.acceptor import Acceptor, AcceptorListener
from jupyter_ai_ws.protocol.connector import Connector
from jupyter_ai_ws.protocol.driver import ConnectorDriver
from jupyter_ai_ws.protocol.held import HeldListener, HeldSession

from .wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from jupyter_ai_ws.protocol.handshake import ResumeRequest
    from jupyter_ai_ws.protocol.server_end import ServerChannel
    from jupyter_ai_ws.protocol.session import Session
    from jupyter_ai_ws.protocol.status import Status

    from .clock import Clock
    from .world import World

Frame = str | bytes


class DeliberateError(Exception):
    """Raised by simulated handlers on purpose."""


class Page(ConnectorDriver):
    """A page: sockets, probes, one timer, and a machine that may sleep."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock: Clock = world.clock
        self.random: Random = world.random
        self.wires: dict[int, Wire] = {}
        self.probes: set[int] = set()
        self.sessions: list[Session] = []
        self.asleep_until_ms = 0.0
        self.deaths = 0
        self._timer_ms = inf
        self._flush_planned = False
        self._deferred: deque[Callable[[], None]] = deque()
        self.connector = Connector(self, self.random.random, world.plan.options)

    def run(self, event: Callable[[], None]) -> None:
        """Run an event of the page, when it is awake, and look after the timer."""
        if self.clock.now_ms < self.asleep_until_ms or self._deferred:
            self._deferred.append(event)
            self.clock.at(self.asleep_until_ms, self._wake)
            return
        event()
        self._arm()

    def _wake(self) -> None:
        if self.clock.now_ms < self.asleep_until_ms:
            self.clock.at(self.asleep_until_ms, self._wake)
            return
        while self._deferred:
            self._deferred.popleft()()
        self._arm()

    def _arm(self) -> None:
        due_ms = self.connector.next_ms
        if due_ms == self._timer_ms or due_ms == inf:
            self._timer_ms = due_ms
            return
        self._timer_ms = due_ms
        late_ms = self.world.plan.lateness_ms(self.random)

        def fire() -> None:
            if self._timer_ms == due_ms:
                self._timer_ms = inf
                self.connector.tick(self.clock.now_ms)

        self.clock.at(due_ms + late_ms, lambda: self.run(fire))

    # -- ConnectorDriver -----------------------------------------------------------------

    def random_sid(self) -> str:
        return f"{self.random.getrandbits(128):032x}"

    def open_socket(self, socket_id: int, request: ResumeRequest) -> None:
        wire = self.world.new_wire(self)
        self.wires[socket_id] = wire
        self.world.connect(self, socket_id, wire, request)

    def close_socket(self, socket_id: int, code: int, reason: str) -> None:
        if code == 4400:
            self.world.fail(f"the page closes with 4400: {reason}")
        wire = self._wire(socket_id)
        del self.wires[socket_id]
        wire.page_open = False
        if reason == "no answer in time":
            self.deaths += 1
            if wire.faulty_ms is None and not self.world.too_slow:
                self.world.fail("a living line was declared dead")
        self.world.hang_up(wire, code)

    def write(self, socket_id: int, frames: list[Frame]) -> None:
        wire = self._wire(socket_id)
        for frame in frames:
            wire.up.send(len(frame), partial(self.world.server_message, wire, frame))

    def open_probe(self, probe_id: int) -> None:
        self.probes.add(probe_id)
        self.world.probe(self, probe_id)

    def drop_probe(self, probe_id: int) -> None:
        self.probes.discard(probe_id)

    def flush_wanted(self) -> None:
        if not self._flush_planned:
            self._flush_planned = True
            self.clock.soon(lambda: self.run(self._flush))

    def status_changed(self, status: Status) -> None:
        self.world.status_changed(status)

    def session_replaced(self, session: Session) -> None:
        self.world.session_replaced()

    def handler_failed(self, error: Exception) -> None:
        if not isinstance(error, DeliberateError):
            raise error

    # -- From the wire -------------------------------------------------------------------

    def opened(self, socket_id: int) -> None:
        if socket_id in self.wires:
            self.run(
                lambda: self.connector.socket_opened(
                    socket_id, "v1.jupyter-ai-ws", self.clock.now_ms
                )
            )

    def message(self, socket_id: int, frame: Frame) -> None:
        def take() -> None:
            if socket_id in self.wires:
                self.connector.socket_message(socket_id, frame, self.clock.now_ms)

        self.run(take)

    def closed(self, socket_id: int, code: int) -> None:
        def take() -> None:
            if self.wires.pop(socket_id, None) is not None:
                self.connector.socket_closed(socket_id, code, self.clock.now_ms)

        self.run(take)

    def _wire(self, socket_id: int) -> Wire:
        wire = self.wires.get(socket_id)
        if wire is None:
            self.world.fail(f"socket {socket_id} is closed already")
        return wire

    def _flush(self) -> None:
        self._flush_planned = False
        self.connector.flush(self.clock.now_ms)


class ServerListener(HeldListener[Wire]):
    """Hands requested channels to the world's applications."""

    def __init__(self, world: World) -> None:
        self._world = world

    def channel_requested(self, channel: ServerChannel) -> None:
        self._world.channel_requested(channel)

    def handler_failed(self, error: Exception) -> None:
        if not isinstance(error, DeliberateError):
            raise error


class Server(AcceptorListener[Wire]):
    """A server process: an acceptor and the sockets it holds."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock: Clock = world.clock
        random = world.random
        self.acceptor: Acceptor[Wire] = Acceptor(
            f"{random.getrandbits(64):016x}",
            self,
            lambda: ServerListener(world),
            lambda: f"{random.getrandbits(64):016x}",
            world.plan.acceptor_options,
        )
        self.held: dict[Wire, HeldSession[Wire]] = {}
        self.alive = True
        self._flushes: set[HeldSession[Wire]] = set()
        self._timers: dict[HeldSession[Wire], float] = {}
        self._tick()

    def _tick(self) -> None:
        if self.alive:
            self.acceptor.tick(self.clock.now_ms)
            self.clock.at(self.clock.now_ms + 5_000, self._tick)

    def upgrade(self, wire: Wire, request: ResumeRequest) -> None:
        admission = self.acceptor.request("owner", request, wire, self.clock.now_ms)
        if admission.code == 4400:
            self.world.fail(f"the server closes with 4400: {admission.reason}")
        self._write(wire, admission.frames)
        if admission.held is None:
            self.world.server_hangs_up(wire, admission.code)
            return
        self.held[wire] = admission.held
        self._arm(admission.held)

    def message(self, wire: Wire, frame: Frame) -> None:
        held = self.held.get(wire)
        if held is not None and self.alive:
            self.acceptor.receive(held, wire, frame, self.clock.now_ms)
            self._arm(held)

    def gone(self, wire: Wire) -> None:
        held = self.held.pop(wire, None)
        if held is not None and self.alive:
            self.acceptor.detached(held, wire, self.clock.now_ms)

    def pong(self, wire: Wire) -> None:
        held = self.held.get(wire)
        if held is not None:
            self.acceptor.byte_seen(held, wire, self.clock.now_ms)

    def _arm(self, held: HeldSession[Wire]) -> None:
        due_ms = held.session.next_ms
        if due_ms == self._timers.get(held, inf):
            return
        self._timers[held] = due_ms

        def fire() -> None:
            if self._timers.get(held) == due_ms and self.alive:
                self._timers[held] = inf
                held.session.tick(self.clock.now_ms)
                self._arm(held)

        self.clock.at(due_ms, fire)

    def _write(self, wire: Wire, frames: list[Frame]) -> None:
        self.world.down(wire, frames)

    # -- AcceptorListener ----------------------------------------------------------------

    def close_socket(self, socket: Wire, code: int, reason: str) -> None:
        if code == 4400:
            self.world.fail(f"the server closes with 4400: {reason}")
        self.held.pop(socket, None)
        self.world.server_hangs_up(socket, code)

    def session_ended(self, held: HeldSession[Wire], code: int, reason: str) -> None:
        if not held.heard and reason == "the session expired":
            self.world.excused = True  # P1: 30 s for a page that was never heard

    def flush_wanted(self, held: HeldSession[Wire]) -> None:
        if held in self._flushes:
            return
        self._flushes.add(held)

        def flush() -> None:
            self._flushes.discard(held)
            if self.alive:
                frames = self.acceptor.flush(held, self.clock.now_ms)
                if held.socket is not None:
                    self._write(held.socket, frames)
                self._arm(held)

        self.clock.soon(flush)
