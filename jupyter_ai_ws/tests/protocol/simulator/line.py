"""A world without chance: one page, one server and a line that a test spoils by hand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .applications import Application
from .plan import Plan
from .world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_ai_ws.protocol.connector import Connector
    from jupyter_ai_ws.protocol.handshake import ResumeRequest
    from jupyter_ai_ws.protocol.server_end import ServerChannel
    from jupyter_ai_ws.protocol.status import Status

    from .ends import Page
    from .wire import Wire

SECOND_MS = 1_000.0
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
TIMER_MS = 4.0
"""Timers of the simulated page are never so late."""


class Line(World):
    """One page and one server; every channel is accepted at once.

    Attributes:
        probed_ms: When the probes were opened.
        dialled_ms: When the sockets were opened.
        statuses: Every status the page went through, with its time.
    """

    def __init__(self, **plan: Any) -> None:
        self.probed_ms: list[float] = []
        self.dialled_ms: list[float] = []
        self.statuses: list[tuple[float, Status]] = []
        super().__init__(1, Plan(late_upgrades=0.0, **plan))

    @property
    def now_ms(self) -> float:
        """The time."""
        return self.clock.now_ms

    @property
    def connector(self) -> Connector:
        """The page's end."""
        return self.page.connector

    @property
    def state(self) -> str:
        """Where the page stands."""
        return self.connector.status.state

    @property
    def wire(self) -> Wire:
        """The wire of the page's current socket."""
        return next(reversed(self.page.wires.values()))

    # -- What a test does ----------------------------------------------------------------

    def start(self) -> None:
        """Open the first socket."""
        self.do(lambda: self.connector.start(self.now_ms))

    def join(self) -> None:
        """Open the first socket and wait until it is welcomed."""
        self.start()
        self.until(lambda: self.state == "connected")

    def open(self) -> tuple[Application, Application]:
        """Open a channel, wait until it is accepted, return its ends at page and server."""
        ends: list[Application] = []
        self.do(lambda: ends.append(Application(self, self.connector.open("test"), "page")))
        page = ends[0]
        self.page_ends[page.channel.number] = page
        self.until(lambda: page.channel.state == "open")
        return page, self.server_ends[page.channel.number]

    def do(self, act: Callable[[], object]) -> None:
        """Let the page do something."""
        self.page.run(partial(_ignore, act))

    def send(self, end: Application, record: str) -> None:
        """Let one end of a channel send a record."""
        if end.side == "page":
            self.do(partial(end.send, record))
        else:
            end.send(record)

    def run_for(self, time_ms: float) -> None:
        """Let time pass."""
        self.clock.run_until(lambda: False, self.now_ms + time_ms)

    def until(self, done: Callable[[], bool], limit_ms: float = HOUR_MS) -> float:
        """Let time pass until something is so; return how long it took."""
        started_ms = self.now_ms
        if not self.clock.run_until(done, started_ms + limit_ms):
            self.fail(f"not so after {limit_ms:.0f} ms: {self.connector.status}")
        return self.now_ms - started_ms

    def every(self, interval_ms: float, act: Callable[[], object]) -> None:
        """Do something again and again."""

        def again() -> None:
            act()
            self.clock.at(self.now_ms + interval_ms, again)

        again()

    def swallow(self, *, up: bool, down: bool) -> None:
        """Let the current socket lose all that goes one way or both."""
        self.wire.faulty_ms = self.now_ms
        self.wire.up.hole |= up
        self.wire.down.hole |= down

    def change_rate(self, bytes_per_ms: float) -> None:
        """Let the line carry as much from now on, without a cut."""
        self.plan.bytes_per_ms = bytes_per_ms
        for pipe in (self.wire.up, self.wire.down):
            pipe.bytes_per_ms = bytes_per_ms

    def next_ms(self, state: str, after_ms: float) -> float:
        """When the page first got into a state after that time."""
        return next(at for at, status in self.statuses if at > after_ms and status.state == state)

    def cut(self) -> None:
        """Cut the current socket; both ends learn of it."""
        wire = self.wire
        wire.faulty_ms = self.now_ms
        wire.kill()
        wire.server_open = False
        self.server.gone(wire)
        page, socket_id = wire.deliver
        page.closed(socket_id, 1006)

    def restart(self) -> None:
        """Restart the server."""
        self.plan.restarts = True
        self._restart()

    # -- World ---------------------------------------------------------------------------

    def channel_requested(self, channel: ServerChannel) -> None:
        self.server_ends[channel.number] = Application(self, channel, "server")
        channel.accept()

    def connect(self, page: Page, socket_id: int, wire: Wire, request: ResumeRequest) -> None:
        self.dialled_ms.append(self.now_ms)
        super().connect(page, socket_id, wire, request)

    def probe(self, page: Page, probe_id: int) -> None:
        self.probed_ms.append(self.now_ms)
        super().probe(page, probe_id)

    def status_changed(self, status: Status) -> None:
        self.statuses.append((self.now_ms, status))


def _ignore(act: Callable[[], object]) -> None:
    act()
