"""The page's side: gets sockets for the session and keeps it alive (rules H, L, S, R).

Sans I/O: a driver opens sockets and probes, and calls back what became of them; time and
randomness are passed in.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any, Final

from .errors import ProtocolError
from .frames import Bye, Welcome, decode, encode_control
from .handshake import ResumeRequest
from .limits import (
    CONNECT_TIMEOUT_LIMIT_MS,
    CONNECT_TIMEOUT_MS,
    LATE_TIMER_MS,
    PROBE_TIMEOUT_MS,
    SUBPROTOCOL,
    CloseCode,
)
from .liveness import Liveness
from .outage import Outage, Step
from .retry import CloseVerdict, ProbeAnswer, classify_close
from .session import Session, SessionListener
from .silence import IdleProxyDetector
from .status import ConnectorOptions, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from .channel import Channel
    from .driver import ConnectorDriver, Frame

ATTEMPTS_BACK_MS = 5_000
"""A socket must have lived so long before a proof gives attempts back (R8)."""
ASK_AFTER_MS = 30_000
"""The user is asked no earlier than this after the cut (R9)."""
REPLACE_AFTER_MS = 3_000
"""A try older than this is replaced when the network or the machine comes back (R7)."""


class _PageListener(SessionListener):
    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    def flush_wanted(self) -> None:
        self._connector.flush_wanted()

    def handler_failed(self, error: Exception) -> None:
        self._connector.driver.handler_failed(error)

    def pong(self, ping_id: int) -> None:
        self._connector.pong(ping_id)

    def acknowledged(self, outstanding: bool) -> None:
        self._connector.acknowledged(outstanding)

    def units_received(self, cost: int) -> None:
        self._connector.units_received(cost)


class Connector:
    """One AI connection of one page.

    Attributes:
        session: The current session; replaced when the server no longer holds it (H9).
        status: Where the connection stands.
        liveness: Judges the current socket.
        proxy: What was learned of idle proxies on the way (L7).
        resumes: Sockets that resumed a session.
        limits: What the server announced in its last `welcome`.
        instance: Server process of the last `welcome`.
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
        self.driver = driver
        self.options = options or ConnectorOptions()
        self.status = Status()
        self.liveness = Liveness()
        self.proxy = proxy or IdleProxyDetector()
        self.resumes = 0
        self.limits: dict[str, int] = {}
        self.instance: str | None = None
        self.hidden = False
        self._outage = Outage(self.options, random)
        self._now_ms = 0.0
        self._epoch: str | None = None
        self._sid = driver.random_sid()
        self._serial = 0
        self._next_id = 0
        self._socket: int | None = None  # the one connecting or connected
        self._probe: int | None = None
        self._free_try = False
        self._try_ms = 0.0  # when the current try started
        self._deadline_ms = inf  # of the current try
        self._connect_timeout_ms = float(CONNECT_TIMEOUT_MS)
        self._welcomed_ms: float | None = None
        self._active_ms = 0.0  # last byte either way
        self._active_before_ping_ms = 0.0
        self._pinged_ms = 0.0
        self._used_ms = 0.0
        self._units_moved = 0
        self._hidden_ms = 0.0
        self.session = self._new_session(1)
        self.apply_options()

    # -- For the owner -------------------------------------------------------------------

    def start(self, now_ms: float) -> None:
        """Open the first socket."""
        if self.status.state == "idle":
            self._now_ms = self._hidden_ms = now_ms
            self._open_socket()

    def open(self, service: str, parameters: dict[str, Any] | None = None) -> Channel:
        """Open a channel on the current session; see `Session.open`."""
        return self.session.open(service, parameters)

    def reconnect(self, now_ms: float) -> None:
        """Start a try now, in any state, replacing any (R7). A person asked: attempts are fresh."""
        if self.status.state == "disposed":
            return
        self._now_ms = now_ms
        self._abandon("a person asked to reconnect")
        self._outage.start_over()
        cut_ms = now_ms if self.status.cut_ms is None else self.status.cut_ms
        self._set_status(attempt=0, cut_ms=cut_ms, question="none")
        self._free_try = False
        self._try()

    def dispose(self, now_ms: float) -> None:
        """Say `bye`, close, end every channel. Nothing happens afterwards (H10)."""
        if self.status.state == "disposed":
            return
        self._now_ms = now_ms
        if self.status.state == "connected":
            self.flush(now_ms)
        if self.status.state == "connected" and self._socket is not None:
            self.driver.write(self._socket, [encode_control(Bye())])
        self._abandon("bye", CloseCode.NORMAL)
        self._set_status(state="disposed", cause="", next_try_ms=None, cut_ms=None, question="none")
        self.session.end("the connection was closed")

    def apply_options(self) -> None:
        """Take over changed `options` at once."""
        options = self.options
        self.liveness.heartbeat_interval_ms = self.proxy.heartbeat_ms(options.heartbeat_interval_ms)
        self.liveness.hidden_heartbeat_interval_ms = self.proxy.heartbeat_ms(
            options.hidden_heartbeat_interval_ms
        )
        self.liveness.answer_timeout_ms = options.answer_timeout_ms

    @property
    def bye_request(self) -> ResumeRequest | None:
        """What to post to the probe's address when the page goes while cut (H10)."""
        if self._epoch is None:
            return None
        return ResumeRequest(self._sid, self._epoch, 0, self._serial)

    # -- The page's life -----------------------------------------------------------------

    def came_back(self, now_ms: float) -> None:
        """Handle `online` or waking from sleep (R7)."""
        self._now_ms = now_ms
        if self.hidden and self.status.state == "sleeping":
            return  # L8: nobody looks
        if self._under_way() and now_ms - self._try_ms > REPLACE_AFTER_MS:
            self._abandon("the network came back")
            self._free_try = True
            self._try()
        else:
            self._nudge()

    def shown(self, now_ms: float) -> None:
        """Handle becoming visible or `pageshow` (R7, L8)."""
        self._now_ms = now_ms
        self.hidden = self.liveness.hidden = False
        self._nudge()

    def hid(self, now_ms: float) -> None:
        """Handle becoming hidden (L2, L8)."""
        self._now_ms = now_ms
        if not self.hidden:
            self.hidden = self.liveness.hidden = True
            self._hidden_ms = now_ms

    def park(self, now_ms: float) -> None:
        """Close the socket, keep the session: the page is being frozen (L8)."""
        self._now_ms = now_ms
        if self.status.state not in ("disposed", "stopped", "idle"):
            self._abandon("sleeping", CloseCode.NORMAL)
            self._set_status(
                state="sleeping", cause="", next_try_ms=None, cut_ms=None, question="none"
            )

    # -- From the driver -----------------------------------------------------------------

    def socket_opened(self, socket_id: int, protocol: str, now_ms: float) -> None:
        """Handle that the upgrade was answered; `protocol`: the subprotocol chosen (V2)."""
        if socket_id == self._socket and protocol != SUBPROTOCOL:
            self._now_ms = now_ms
            self.driver.close_socket(socket_id, CloseCode.VERSION, "no common version")
            self._lose(CloseCode.VERSION)

    def socket_message(self, socket_id: int, message: Frame, now_ms: float) -> None:
        """Take in one message; of a socket no longer current it is dropped (S1)."""
        if socket_id != self._socket:
            return
        self._now_ms = now_ms
        self._active_ms = now_ms
        session = self.session
        try:
            frame = decode(message)
            if self.status.state == "connected":
                session.receive(frame, now_ms)
            elif isinstance(frame, Welcome):
                self._welcomed(frame, socket_id)
            else:
                raise ProtocolError("H3", "a frame before welcome")
        except ProtocolError as error:
            if session is self.session:
                self._abandon(error.reason, CloseCode.PROTOCOL_ERROR)
                self._lose(CloseCode.PROTOCOL_ERROR)

    def socket_closed(self, socket_id: int, code: int, now_ms: float) -> None:
        """Handle the end of a socket."""
        if socket_id != self._socket:
            return
        self._now_ms = now_ms
        if self.status.state == "connected" and code in (CloseCode.ABNORMAL, CloseCode.NO_STATUS):
            self.proxy.cut(now_ms - self._last_activity_ms())
            self.apply_options()
        self._lose(code)

    def probe_answered(self, probe_id: int, answer: ProbeAnswer, now_ms: float) -> None:
        """Handle what the probe found (R4)."""
        if probe_id != self._probe:
            return
        self._now_ms = now_ms
        self._probe = None
        self._judge_probe(answer, timed_out=False)

    def flush(self, now_ms: float) -> None:
        """Write what waits; called by the driver after `flush_wanted`."""
        self._now_ms = now_ms
        if self.status.state == "sleeping" and self.session.has_unsent:
            self._free_try = True
            self._try()
        socket_id = self._socket
        frames = self.session.flush(now_ms)
        if socket_id is not None and socket_id == self._socket and frames:
            self._write(socket_id, frames)

    @property
    def next_ms(self) -> float:
        """When `tick` must be called next; infinity: not at all."""
        status = self.status
        due_ms = self._ask_ms()
        if status.state == "waiting" and status.next_try_ms is not None:
            return min(due_ms, status.next_try_ms)
        if self._under_way():
            return min(due_ms, self._deadline_ms)
        if status.state == "connected":
            return min(self.liveness.next_check_ms, self.session.next_ms, self._sleep_ms())
        return due_ms

    def tick(self, now_ms: float) -> None:
        """Do what has fallen due by time."""
        self._now_ms = now_ms
        if now_ms >= self._ask_ms():
            self._ask()
        status = self.status
        if status.state == "waiting" and now_ms >= (status.next_try_ms or 0.0):
            self._try()
        elif self._under_way() and now_ms >= self._deadline_ms:
            self._time_out()
        elif status.state == "connected":
            self._tick_connected()

    # -- From the session ----------------------------------------------------------------

    def flush_wanted(self) -> None:
        """Pass on the session's wish."""
        self.driver.flush_wanted()

    def pong(self, ping_id: int) -> None:
        """Note a proof (L1, R8)."""
        if self.liveness.pong(ping_id, self._now_ms):
            self._proved()

    def acknowledged(self, outstanding: bool) -> None:
        """Note a proof (L1, R8)."""
        self.liveness.in_flight_cost = self.session.log.cost
        self.liveness.ack_advanced(outstanding, self._now_ms)
        self._proved()

    def units_received(self, cost: int) -> None:
        """Note that bulk comes in (L3)."""
        self.liveness.units_received(cost, self._now_ms)

    # -- Private: tries ------------------------------------------------------------------

    def _under_way(self) -> bool:
        return self.status.state in ("connecting", "probing")

    def _nudge(self) -> None:
        state = self.status.state
        if state == "connected":
            if not self.liveness.ping_outstanding:
                self._ping()
        elif state in ("waiting", "sleeping"):
            self._free_try = state == "sleeping"
            self._try()

    def _try(self) -> None:
        """Start a try: a probe once a socket has failed (R3), else a socket."""
        if self._free_try:
            self._free_try = False
        else:
            self._set_status(attempt=self.status.attempt + 1)
        self._try_ms = self._now_ms
        if self._outage.by_probe:
            self._next_id += 1
            self._probe = self._next_id
            self._deadline_ms = self._now_ms + PROBE_TIMEOUT_MS
            self._set_status(state="probing", next_try_ms=None)
            self.driver.open_probe(self._probe)
        else:
            self._open_socket()

    def _open_socket(self) -> None:
        self._next_id += 1
        self._socket = self._next_id
        self._serial += 1
        self._try_ms = self._now_ms
        self._deadline_ms = self._now_ms + self._connect_timeout_ms
        request = ResumeRequest(
            self._sid,
            self._epoch,
            self.session.receipts.received if self._epoch is not None else 0,
            self._serial,
        )
        self._set_status(state="connecting", next_try_ms=None)
        self.driver.open_socket(self._socket, request)

    def _time_out(self) -> None:
        """A time-out spends an attempt and is followed at once by the next try (R6)."""
        if self._probe is not None:
            probe, self._probe = self._probe, None
            self.driver.drop_probe(probe)
            self._judge_probe("busy", timed_out=True)
        elif self._socket is not None:
            self._connect_timeout_ms = min(self._connect_timeout_ms * 2, CONNECT_TIMEOUT_LIMIT_MS)
            self.driver.close_socket(self._socket, CloseCode.SILENT, "no welcome in time")
            self._lose(CloseCode.ABNORMAL, timed_out=True)

    def _judge_probe(self, answer: ProbeAnswer, *, timed_out: bool) -> None:
        step = self._outage.probed(
            answer,
            timed_out=timed_out,
            attempt=self.status.attempt,
            cut_ms=self._since_cut_ms(),
            now_ms=self._now_ms,
        )
        if step is None:
            self._open_socket()
        else:
            self._follow(step)

    def _lose(self, code: int, *, timed_out: bool = False) -> None:
        """The socket is gone: decide what comes next (R1, R2)."""
        was_connected = self.status.state == "connected"
        self._socket = None
        self.session.detach()
        verdict = self._judge_close(code)
        if self.status.cut_ms is None:
            self._set_status(cut_ms=self._now_ms)
        old = self.session
        if verdict.session == "ended":
            self._replace_session()
        step = self._outage.socket_failed(
            verdict,
            connected=was_connected,
            timed_out=timed_out,
            attempt=self.status.attempt,
            cut_ms=self._since_cut_ms(),
        )
        if verdict.spends_attempt:
            self._follow(step)
        else:
            self._start_over(verdict.cause)
        if old is not self.session:
            self._end_session(old, _ENDINGS.get(code, "the connection broke the protocol"))

    def _judge_close(self, code: int) -> CloseVerdict:
        # Nobody can lose a session that was not asked for: without this a server that answers
        # so for ever would be asked for ever, without a pause.
        unasked = code == CloseCode.UNKNOWN and self._epoch is None
        return classify_close(CloseCode.PROTOCOL_ERROR if unasked else code)

    def _start_over(self, cause: str) -> None:
        """Connect at once with a new sid; spends no attempt (H9)."""
        self._set_status(state="waiting", cause=cause, next_try_ms=self._now_ms)
        self._free_try = True
        self._outage.start_over()
        self._try()

    def _since_cut_ms(self) -> float:
        cut_ms = self.status.cut_ms
        return 0.0 if cut_ms is None else self._now_ms - cut_ms

    def _follow(self, step: Step) -> None:
        """Wait for the next try, ask, or stop, as the outage says (R9)."""
        question = self.status.question
        if step.question == "permanent":
            question = "permanent"
        stop = step.stop or (question != "none" and not self.options.retry_while_asking)
        self._set_status(
            state="stopped" if stop else "waiting",
            cause=step.cause,
            next_try_ms=None if stop else self._now_ms + step.delay_ms,
            question=question,
        )

    def _ask_ms(self) -> float:
        status = self.status
        wanted = self.options.max_attempts
        if status.cut_ms is None or status.question != "none" or not wanted:
            return inf
        if status.attempt < wanted or status.state not in ("waiting", "probing", "connecting"):
            return inf
        return status.cut_ms + ASK_AFTER_MS

    def _ask(self) -> None:
        """Ask the user, attempts being used up (R9)."""
        self._set_status(question="attempts")
        if not self.options.retry_while_asking:
            self._abandon("waiting for an answer")
            self._set_status(state="stopped", next_try_ms=None)

    # -- Private: connected --------------------------------------------------------------

    def _welcomed(self, welcome: Welcome, socket_id: int) -> None:
        if welcome.serial != self._serial:
            raise ProtocolError("S3", f"serial {welcome.serial}, not {self._serial}")
        restarted = self.instance is not None and welcome.instance != self.instance
        self.instance = welcome.instance
        if self._epoch is not None and welcome.epoch is None and not welcome.resumed:
            old = self.session
            self._abandon("", CloseCode.NORMAL)
            self._replace_session()
            self._start_over("session-lost")
            self._end_session(old, "the server was restarted" if restarted else _ENDINGS[4404])
            return
        if welcome.epoch is None or welcome.resumed != (self._epoch is not None):
            raise ProtocolError("H4", "welcome does not fit the request")
        if welcome.resumed and welcome.epoch != self._epoch:
            raise ProtocolError("H4", "welcome of another epoch")
        self.session.attach(welcome.received, self._now_ms)
        self._epoch = welcome.epoch
        self.limits = dict(welcome.limits)
        self.resumes += int(welcome.resumed)
        self._settle(socket_id)

    def _settle(self, socket_id: int) -> None:
        self._outage.welcomed()
        self._welcomed_ms = self._used_ms = self._now_ms
        self._connect_timeout_ms = float(CONNECT_TIMEOUT_MS)
        self.liveness.start(self._now_ms)
        self._write(socket_id, [self.session.ping(self.liveness.ping(self._now_ms))])
        self._set_status(
            state="connected", cause="", next_try_ms=None, cut_ms=None, question="none"
        )
        self.flush(self._now_ms)

    def _proved(self) -> None:
        if (
            self.status.attempt
            and self._welcomed_ms is not None
            and self._now_ms - self._welcomed_ms >= ATTEMPTS_BACK_MS
        ):
            self._set_status(attempt=0)

    def _tick_connected(self) -> None:
        verdict = self.liveness.check(self._now_ms)
        if verdict == "dead" and self._socket is not None:
            self.driver.close_socket(self._socket, CloseCode.SILENT, "no answer in time")
            self._lose(CloseCode.ABNORMAL)
            return
        if verdict == "ping":
            self._ping()
        self.session.tick(self._now_ms)
        if self._now_ms >= self._sleep_ms():
            self.park(self._now_ms)

    def _sleep_ms(self) -> float:
        if not self.hidden or self.options.sleep_after_ms <= 0:
            return inf
        if self.session.units_moved != self._units_moved:
            self._units_moved = self.session.units_moved
            self._used_ms = self._now_ms
        return max(self._used_ms, self._hidden_ms) + self.options.sleep_after_ms

    def _ping(self) -> None:
        if self._socket is not None:
            self._active_before_ping_ms = self._active_ms
            self._pinged_ms = self._now_ms
            self._write(self._socket, [self.session.ping(self.liveness.ping(self._now_ms))])

    def _last_activity_ms(self) -> float:
        """When the line last carried anything; a ping that just lost a race does not count (L7)."""
        unanswered = self.liveness.ping_outstanding and self._active_ms == self._pinged_ms
        if unanswered and self._now_ms - self._pinged_ms < LATE_TIMER_MS:
            return self._active_before_ping_ms
        return self._active_ms

    def _write(self, socket_id: int, frames: list[Frame]) -> None:
        self._active_ms = self._now_ms
        self.liveness.in_flight_cost = self.session.log.cost
        if self.session.log.cost:
            self.liveness.unit_written(self._now_ms)
        self.driver.write(socket_id, frames)

    # -- Private: state ------------------------------------------------------------------

    def _abandon(self, reason: str, code: int = CloseCode.SILENT) -> None:
        """Drop whatever socket or probe there is; the session stays."""
        self.session.detach()
        if self._socket is not None:
            socket, self._socket = self._socket, None
            self.driver.close_socket(socket, code, reason)
        if self._probe is not None:
            probe, self._probe = self._probe, None
            self.driver.drop_probe(probe)

    def _new_session(self, first_channel: int) -> Session:
        return Session("page", _PageListener(self), first_channel=first_channel)

    def _replace_session(self) -> None:
        self.session = self._new_session(self.session.next_channel)
        self._sid = self.driver.random_sid()
        self._epoch = None
        self._units_moved = 0

    def _end_session(self, old: Session, reason: str) -> None:
        """Tell the owners when all else is done: they may call anything (C6)."""
        old.end(reason)
        self.driver.session_replaced(self.session)

    def _set_status(self, **changes: Any) -> None:
        status = replace(self.status, **changes)
        if status != self.status:
            self.status = status
            self.driver.status_changed(status)


_ENDINGS: Final[dict[int, str]] = {
    4404: "the server no longer holds the session",
    4409: "the session id was taken",
    4410: "the server ended the session",
}
