"""The page's side: gets sockets for the session and keeps it alive (rules H, L, S, R).

Sans I/O: a driver opens sockets and probes, and calls back what became of them; time and
randomness are passed in. `Tries` is what is under way, `Line` what is connected.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Literal

from .errors import ProtocolError, broken
from .frames import Bye, Welcome, decode, encode_control
from .limits import SUBPROTOCOL, CloseCode
from .line import Line
from .liveness import Liveness
from .silence import IdleProxyDetector
from .status import ConnectorOptions, Status
from .tries import Tries

if TYPE_CHECKING:
    from collections.abc import Callable

    from .channel import Channel
    from .driver import ConnectorDriver, Frame
    from .handshake import ResumeRequest
    from .retry import ProbeAnswer
    from .session import Session


class Connector:
    """One AI connection of one page.

    Attributes:
        options: The settings, which may change at any time.
        liveness: Judges the current socket.
        proxy: What was learned of idle proxies on the way (L7).
        resumes: Sockets that resumed a session.
    """

    def __init__(
        self,
        driver: ConnectorDriver,
        random: Callable[[], float],
        options: ConnectorOptions | None = None,
        proxy: IdleProxyDetector | None = None,
    ) -> None:
        """Begin idle.

        Args:
            driver: The shell.
            random: Returns a number in [0, 1).
            options: Settings; the defaults unless given.
            proxy: What was learned of this host before.
        """
        self.options = options or ConnectorOptions()
        self.proxy = proxy or IdleProxyDetector()
        self.liveness = Liveness(self.options, self.proxy)
        self.resumes = 0
        self._driver = driver
        self._tries = Tries(driver, self.liveness, self.options, random)
        self._line: Line | None = None

    @property
    def session(self) -> Session:
        """The current session; replaced when the server no longer holds it (H9)."""
        return self._tries.session

    @property
    def status(self) -> Status:
        """Where the connection stands."""
        return self._tries.status

    @property
    def instance(self) -> str | None:
        """Server process of the last `welcome`; None before."""
        return self._tries.instance

    # -- For the owner -------------------------------------------------------------------

    def start(self, now_ms: float) -> None:
        """Open the first socket."""
        self._tries.start(now_ms)

    def open(self, service: str, parameters: dict[str, Any] | None = None) -> Channel:
        """Open a channel on the current session; see `Session.open`."""
        return self.session.open(service, parameters)

    def reconnect(self, now_ms: float) -> None:
        """Start a try now, in any state, replacing any (R7). A person asked: attempts are fresh."""
        if self.status.state != "disposed":
            self._line = None
            self._tries.reconnect(now_ms)

    def dispose(self, now_ms: float) -> None:
        """Say `bye`, close, end every channel. Nothing happens afterwards (H10)."""
        if self.status.state == "disposed":
            return
        self.flush(now_ms)
        if self._line is not None:
            self._line.write([encode_control(Bye())], now_ms)
        self._rest("disposed")
        self.session.end("disposed")

    @property
    def bye_request(self) -> ResumeRequest | None:
        """What to post to the probe's address when the page goes while cut (H10)."""
        request = self._tries.request
        return None if request.epoch is None else request

    # -- The page's life -----------------------------------------------------------------

    def came_back(self, now_ms: float) -> None:
        """Handle `online` or waking from sleep (R7)."""
        # L8: nobody looks at a hidden page that sleeps.
        asleep = self.liveness.hidden_ms < inf and self.status.state == "sleeping"
        if not asleep and not self._tries.replace_old(now_ms):
            self._nudge(now_ms)

    def shown(self, now_ms: float) -> None:
        """Handle becoming visible or `pageshow` (R7, L8)."""
        self.liveness.hidden_ms = inf
        self._nudge(now_ms)

    def hid(self, now_ms: float) -> None:
        """Handle becoming hidden (L2, L8)."""
        self.liveness.hidden_ms = min(self.liveness.hidden_ms, now_ms)

    def park(self) -> None:
        """Close the socket, keep the session: the page is being frozen (L8)."""
        # Idle, asleep, stopped or disposed it waits for nothing.
        if self.next_ms < inf:
            self._rest("sleeping")

    # -- From the driver -----------------------------------------------------------------

    def socket_opened(self, socket_id: int, protocol: str, now_ms: float) -> None:
        """Handle that the upgrade was answered; `protocol`: the subprotocol chosen (V2)."""
        if socket_id == self._tries.current and protocol != SUBPROTOCOL:
            self._fail(CloseCode.VERSION, "version", now_ms)

    def socket_message(self, socket_id: int, message: Frame, now_ms: float) -> None:
        """Take in one message; of a socket no longer current it is dropped (S1)."""
        if socket_id != self._tries.current:
            return
        session = self.session
        line = self._line
        try:
            frame = decode(message)
            if line is not None:
                session.receive(frame, now_ms)
                line.active(now_ms)
            elif isinstance(frame, Welcome):
                self._welcomed(frame, now_ms)
            else:
                broken("H3", "a frame before welcome")
        except ProtocolError as error:
            if session is self.session:
                self._fail(CloseCode.PROTOCOL_ERROR, error.reason, now_ms)
        if self.status.attempt and self._line is not None and self._line.settled:
            self._tries.set_status(attempt=0)

    def socket_closed(self, socket_id: int, code: int, now_ms: float) -> None:
        """Handle the end of a socket."""
        if socket_id != self._tries.current:
            return
        if self._line is not None and code in (CloseCode.ABNORMAL, CloseCode.NO_STATUS):
            self.proxy.cut(self._line.silence_ms(now_ms))
        self._line = None
        self._tries.lost(code, now_ms)

    def probe_answered(self, probe_id: int, answer: ProbeAnswer, now_ms: float) -> None:
        """Handle what the probe found (R4)."""
        if probe_id == self._tries.current:
            self._tries.probe_answered(answer, now_ms)

    def flush(self, now_ms: float) -> None:
        """Write what waits; called by the driver after `flush_wanted`."""
        if self.status.state == "sleeping" and self.session.has_unsent:
            self._tries.wake(now_ms)
        line = self._line
        frames = self.session.flush(now_ms)
        if line is not None and line is self._line and frames:
            line.write(frames, now_ms)

    @property
    def next_ms(self) -> float:
        """When `tick` must be called next; infinity: not at all."""
        if self._line is None:
            return self._tries.next_ms
        return min(self.liveness.next_check_ms, self.session.next_ms, self._sleep_ms(self._line))

    def tick(self, now_ms: float) -> None:
        """Do what has fallen due by time."""
        line = self._line
        if line is None:
            self._tries.tick(now_ms)
            return
        verdict = self.liveness.check(now_ms)
        if verdict == "dead":
            self._fail(CloseCode.SILENT, "no answer in time", now_ms)
            return
        if verdict == "ping":
            line.ping(now_ms)
        self.session.tick(now_ms)
        if now_ms >= self._sleep_ms(line):
            self.park()

    # -- Private -------------------------------------------------------------------------

    def _nudge(self, now_ms: float) -> None:
        """Ping what is connected, else do not wait any longer."""
        if self._line is None:
            self._tries.wake(now_ms)
        elif not self.liveness.ping_outstanding:
            self._line.ping(now_ms)

    def _welcomed(self, welcome: Welcome, now_ms: float) -> None:
        if self._tries.welcomed(welcome, now_ms):
            self.resumes += int(welcome.resumed)
            self._line = Line(
                self._driver, self._tries.current, self.session, self.liveness, now_ms
            )
            self._tries.settle("connected")
            self.flush(now_ms)

    def _rest(self, state: Literal["sleeping", "disposed"]) -> None:
        """Close the socket; the session stays."""
        self._line = None
        self._tries.drop(CloseCode.NORMAL, state)
        self._tries.settle(state)

    def _fail(self, code: int, reason: str, now_ms: float) -> None:
        """Give up the socket; a verdict of silence counts as 1006 (R1)."""
        self._line = None
        self._tries.drop(code, reason)
        self._tries.lost(CloseCode.ABNORMAL if code == CloseCode.SILENT else code, now_ms)

    def _sleep_ms(self, line: Line) -> float:
        """When a hidden page falls asleep (L8)."""
        sleep_after_ms = self.options.sleep_after_ms
        if sleep_after_ms <= 0:
            return inf
        return max(line.used_ms, self.liveness.hidden_ms) + sleep_after_ms
