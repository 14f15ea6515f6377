"""The page's side: H1, H3, H7, H9, H10, S1 to S3, L, R1, R7 to R9, V2."""

from __future__ import annotations

import json
from math import inf
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ai_ws.protocol.connector import Connector
from jupyter_ai_ws.protocol.driver import ConnectorDriver
from jupyter_ai_ws.protocol.status import ConnectorOptions

from .pair import Owner

if TYPE_CHECKING:
    from jupyter_ai_ws.protocol.driver import Frame
    from jupyter_ai_ws.protocol.handshake import ResumeRequest
    from jupyter_ai_ws.protocol.status import Status

EPOCH = "0123456789abcdef"
ACCEPT = '0\x1e{"type":"accept","channel":1,"parameters":{}}'


class Shell(ConnectorDriver):
    """A driver that only notes; the test plays network and server."""

    def __init__(self, **options: Any) -> None:
        self.now_ms = 0.0
        self.requests: dict[int, ResumeRequest] = {}
        self.open: list[int] = []
        self.closed: list[tuple[int, int]] = []
        self.probes: list[int] = []
        self.written: list[Frame] = []
        self.replaced = 0
        self.sids = 0
        self.connector = Connector(self, lambda: 0.5, ConnectorOptions(**options))

    # -- ConnectorDriver

    def random_sid(self) -> str:
        self.sids += 1
        return f"{self.sids:032x}"

    def open_socket(self, socket_id: int, request: ResumeRequest) -> None:
        assert self.open == []  # S1
        self.open.append(socket_id)
        self.requests[socket_id] = request

    def close_socket(self, socket_id: int, code: int, reason: str) -> None:
        self.open.remove(socket_id)
        self.closed.append((socket_id, code))

    def write(self, socket_id: int, frames: list[Frame]) -> None:
        assert socket_id in self.open
        self.written += frames

    def open_probe(self, probe_id: int) -> None:
        self.probes.append(probe_id)

    def drop_probe(self, probe_id: int) -> None:
        self.probes.remove(probe_id)

    def session_replaced(self, session: object) -> None:
        self.replaced += 1

    def handler_failed(self, error: Exception) -> None:
        raise error

    # -- What a test does

    @property
    def status(self) -> Status:
        return self.connector.status

    @property
    def state(self) -> str:
        return self.status.state

    @property
    def question(self) -> str:
        return self.status.question

    @property
    def request(self) -> ResumeRequest:
        return self.requests[self.open[-1]]

    def start(self) -> Shell:
        self.connector.start(self.now_ms)
        return self

    def join(self) -> Shell:
        self.start()
        self.welcome()
        return self

    def message(self, frame: Frame) -> None:
        self.connector.socket_message(self.open[-1], frame, self.now_ms)

    def welcome(self, **members: Any) -> None:
        resumed = self.request.epoch is not None
        frame = {
            "type": "welcome",
            "resumed": resumed,
            "epoch": EPOCH,
            "instance": "one",
            "received": 0,
            "serial": self.request.serial,
            "limits": {},
        } | members
        self.message(json.dumps({k: v for k, v in frame.items() if v is not None}))

    def close(self, code: int = 1006) -> None:
        socket_id = self.open.pop()
        self.connector.socket_closed(socket_id, code, self.now_ms)

    def answer(self, answer: Any) -> None:
        self.connector.probe_answered(self.probes.pop(), answer, self.now_ms)

    def tick_until(self, now_ms: float) -> None:
        """Let the timer fire whenever it is due, until that time."""
        while self.connector.next_ms <= now_ms:
            self.now_ms = max(self.now_ms, self.connector.next_ms)
            self.connector.tick(self.now_ms)
        self.now_ms = now_ms

    def flush(self) -> None:
        self.connector.flush(self.now_ms)

    def pong(self) -> None:
        """Answer the last ping."""
        pings = [frame for frame in self.written if '"ping"' in str(frame)]
        ping = json.loads(pings[-1])
        received = self.connector.session.log.start
        self.message(json.dumps({"type": "pong", "id": ping["id"], "received": received}))


# -- H: handshake and resume --------------------------------------------------------------


def test_h1_the_first_request_asks_for_a_new_session() -> None:
    shell = Shell().start()
    assert (shell.request.epoch, shell.request.received, shell.request.serial) == (None, 0, 1)
    assert shell.state == "connecting"


def test_h3_nothing_is_written_before_welcome_which_is_answered_with_a_ping() -> None:
    shell = Shell().start()
    shell.connector.open("test")
    shell.flush()
    assert shell.written == []
    shell.welcome()
    assert shell.written[0] == '{"type":"ping","id":1,"received":0}'
    assert '"open"' in str(shell.written[1])
    assert shell.state == "connected"


def test_h1_the_next_request_resumes_with_what_was_counted() -> None:
    shell = Shell().join()
    shell.connector.open("test")
    shell.flush()
    shell.message(ACCEPT)
    shell.close()
    shell.tick_until(0)
    request = shell.request
    assert (request.epoch, request.received, request.serial) == (EPOCH, 1, 2)
    shell.welcome(received=1)
    assert shell.connector.resumes == 1
    assert shell.replaced == 0


@pytest.mark.parametrize(
    ("rule", "members"),
    [
        ("S3", {"serial": 9}),
        ("H4", {"resumed": False}),
        ("H4", {"epoch": "f" * 16}),
        ("H4", {"epoch": None}),
        ("H7", {"received": 5}),
    ],
)
def test_b1_a_welcome_that_does_not_fit_ends_the_session(rule: str, members: Any) -> None:
    shell = Shell().join()
    shell.close()
    shell.tick_until(0)
    sid = shell.request.sid
    shell.welcome(**members)
    assert shell.closed[-1][1] == 4400, rule
    assert shell.status.cause == "protocol"
    assert shell.replaced == 1
    shell.tick_until(10_000)
    shell.answer("ok")
    assert shell.request.epoch is None
    assert shell.request.sid != sid


@pytest.mark.parametrize(
    "frame", ['{"type":"ack","received":0}', "0\x1e{}", "nonsense", b"\1\0x", ""]
)
def test_h3_a_frame_before_welcome_is_an_error(frame: Frame) -> None:
    shell = Shell().start()
    shell.message(frame)
    assert shell.closed[-1][1] == 4400


@pytest.mark.parametrize(
    ("instance", "reason"),
    [
        ("two", "restarted"),
        ("one", "session-lost"),
    ],
)
def test_h9_a_lost_session_starts_over_at_once(instance: str, reason: str) -> None:
    shell = Shell().join()
    channel = shell.connector.open("test")
    owner = Owner(channel)
    shell.close()
    shell.tick_until(0)
    old = shell.request
    shell.welcome(resumed=False, epoch=None, instance=instance)
    assert owner.events == ["discontinuity"]
    assert channel.final is not None
    assert channel.final.reason == reason
    assert shell.request.sid != old.sid
    assert shell.request.epoch is None
    assert shell.request.serial == old.serial + 1
    assert shell.status.attempt == 1  # that of the cut; none for starting over
    assert shell.connector.open("test").number == 2  # Z2


def test_h9_a_server_that_loses_every_session_is_not_asked_without_a_pause() -> None:
    shell = Shell().start()
    shell.close(4404)
    assert shell.state == "waiting"
    shell.tick_until(0)
    shell.answer("ok")
    shell.close(4404)
    assert shell.status.attempt == 1
    assert shell.status.next_try_ms is not None
    assert shell.status.next_try_ms > 0


def test_h10_a_page_that_goes_says_bye() -> None:
    shell = Shell().join()
    channel = shell.connector.open("test")
    owner = Owner(channel)
    shell.connector.dispose(0)
    assert shell.written[-1] == '{"type":"bye"}'
    assert shell.closed[-1][1] == 1000
    assert owner.events == ["discontinuity"]
    assert shell.state == "disposed"
    assert shell.connector.next_ms == inf
    shell.connector.reconnect(0)
    shell.connector.came_back(0)
    shell.connector.dispose(0)
    assert shell.open == []


def test_h10_a_page_that_goes_while_cut_has_a_bye_to_post() -> None:
    assert Shell().start().connector.bye_request is None
    shell = Shell().join()
    shell.close()
    bye = shell.connector.bye_request
    assert bye is not None
    assert (bye.sid, bye.epoch, bye.serial) == (f"{1:032x}", EPOCH, 1)


# -- V, S ---------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["", "v9.jupyter-ai-ws"])
def test_v2_no_common_version_closes_with_4406_and_asks(protocol: str) -> None:
    shell = Shell().start()
    shell.connector.socket_opened(shell.open[-1], protocol, 0)
    assert shell.closed == [(1, 4406)]
    assert (shell.status.cause, shell.question) == ("version", "permanent")


def test_v2_the_common_version_is_taken() -> None:
    shell = Shell().start()
    shell.connector.socket_opened(shell.open[-1], "v1.jupyter-ai-ws", 0)
    assert shell.closed == []


def test_s1_late_news_of_an_old_socket_is_dropped() -> None:
    shell = Shell().join()
    shell.connector.reconnect(0)
    shell.connector.socket_message(1, "5", 0)
    shell.connector.socket_opened(1, "", 0)
    shell.connector.socket_closed(1, 4404, 0)
    assert shell.state == "connecting"
    assert shell.closed == [(1, 4408)]


def test_s2_a_welcome_resets_the_time_out() -> None:
    shell = Shell().start()
    shell.tick_until(10_000)
    assert shell.closed == [(1, 4408)]
    shell.answer("ok")
    assert shell.connector.next_ms == 30_000
    shell.welcome()
    shell.connector.reconnect(10_000)
    assert shell.connector.next_ms == 20_000


def test_s2_a_probe_has_5_s() -> None:
    shell = Shell().start()
    shell.close()
    shell.tick_until(0)
    assert shell.connector.next_ms == 5_000
    (probe,) = shell.probes
    shell.now_ms = 5_000
    shell.connector.tick(5_000)
    assert probe not in shell.probes
    assert (shell.status.cause, shell.status.next_try_ms) == ("busy", 5_000)


# -- R1 -----------------------------------------------------------------------------------

KEPT = [1000, 1001, 1005, 1006, 1008, 1011, 1012, 1013, 1014, 1015, 4406, 4408, 4429, 3999, 4999]
ENDED = [1002, 1003, 1007, 1009, 1010, 4400, 4409, 4410]


@pytest.mark.parametrize("code", KEPT)
def test_r1_the_session_is_kept(code: int) -> None:
    shell = Shell().join()
    shell.close(code)
    shell.tick_until(3_000)
    assert shell.replaced == 0
    assert shell.request.epoch == EPOCH
    assert shell.status.attempt == 1


@pytest.mark.parametrize("code", ENDED)
def test_r1_the_session_has_ended(code: int) -> None:
    shell = Shell().join()
    owner = Owner(shell.connector.open("test"))
    shell.close(code)
    assert owner.events == ["discontinuity"]
    shell.tick_until(0)
    assert shell.replaced == 1
    assert shell.request.epoch is None
    assert shell.status.attempt == 1


def test_r1_4404_starts_over_at_once_and_spends_no_attempt() -> None:
    shell = Shell().join()
    shell.close(4404)
    assert shell.replaced == 1
    assert shell.request.epoch is None
    assert (shell.status.attempt, shell.status.cause) == (0, "session-lost")


@pytest.mark.parametrize(
    ("code", "cause", "question"),
    [
        (1006, "network", "none"),
        (1001, "restarting", "none"),
        (4400, "protocol", "none"),
        (4406, "version", "permanent"),
        (4408, "silent", "none"),
        (4409, "taken", "none"),
        (4410, "session-lost", "none"),
        (4429, "too-many", "permanent"),
    ],
)
def test_r1_what_the_user_sees(code: int, cause: str, question: str) -> None:
    shell = Shell().join()
    shell.close(code)
    assert (shell.status.cause, shell.question) == (cause, question)
    assert shell.status.cut_ms == 0


# -- R7 to R9 -----------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["came_back", "shown"])
def test_r7_waiting_ends_when_the_page_comes_back(event: str) -> None:
    shell = Shell(local=False).join()
    shell.close()
    assert shell.state == "waiting"
    getattr(shell.connector, event)(1)
    assert shell.state == "connecting"


@pytest.mark.parametrize(
    ("event", "age_ms", "replaced"),
    [("came_back", 3_001, True), ("came_back", 3_000, False), ("shown", 9_000, False)],
)
def test_r7_only_the_network_replaces_a_try_older_than_3_s(
    event: str, age_ms: int, replaced: bool
) -> None:
    shell = Shell().start()
    getattr(shell.connector, event)(age_ms)
    assert (shell.open == [2]) is replaced
    assert shell.status.attempt == 0


@pytest.mark.parametrize("event", ["came_back", "shown"])
def test_r7_a_welcomed_socket_is_pinged_unless_a_ping_is_unanswered(event: str) -> None:
    shell = Shell().join()
    getattr(shell.connector, event)(1)
    assert len(shell.written) == 1
    shell.pong()
    getattr(shell.connector, event)(2)
    assert len(shell.written) == 2


@pytest.mark.parametrize("state", ["connecting", "connected", "waiting", "probing", "stopped"])
def test_r7_a_person_starts_a_try_in_any_state(state: str) -> None:
    shell = Shell(retry_while_asking=False)
    shell.start()
    if state == "connected":
        shell.welcome()
    elif state != "connecting":
        shell.close(4429 if state == "stopped" else 1006)
        if state == "probing":
            shell.tick_until(0)
    assert shell.state == state
    shell.connector.reconnect(0)
    assert shell.state == "connecting"
    assert (shell.status.attempt, shell.question) == (1, "none")
    assert len(shell.open) == 1
    assert shell.probes == []


@pytest.mark.parametrize(("age_ms", "attempt"), [(4_999, 1), (5_000, 0)])
def test_r8_attempts_are_given_back_by_a_proof_on_a_socket_5_s_old(
    age_ms: int, attempt: int
) -> None:
    shell = Shell().join()
    shell.close()
    shell.tick_until(0)
    shell.welcome()
    shell.now_ms = age_ms
    shell.pong()
    assert shell.status.attempt == attempt


@pytest.mark.parametrize("retry_while_asking", [True, False])
def test_r9_the_user_is_asked_after_5_attempts_and_30_s(retry_while_asking: bool) -> None:
    shell = Shell(retry_while_asking=retry_while_asking).join()
    shell.close()
    while shell.status.attempt < 5:
        shell.tick_until(shell.connector.next_ms)
        if shell.open:
            shell.close()
        elif shell.probes and shell.status.attempt < 5:
            shell.answer("down")
    shell.tick_until(29_999)
    assert shell.question == "none"
    shell.tick_until(30_000)
    assert shell.question == "attempts"
    assert (shell.state == "stopped") is not retry_while_asking


def test_r9_by_0_nobody_is_asked() -> None:
    shell = Shell(max_attempts=0).join()
    shell.close()
    shell.tick_until(3_600_000)
    assert shell.status.attempt > 100
    assert shell.question == "none"


# -- L ------------------------------------------------------------------------------------


def test_l5_a_dead_socket_is_abandoned_and_the_session_resumes() -> None:
    shell = Shell().join()
    shell.tick_until(3_000)
    assert shell.closed == [(1, 4408)]
    assert shell.request.epoch == EPOCH


def test_l2_options_are_taken_over_at_once() -> None:
    shell = Shell().join()
    shell.pong()
    assert shell.connector.next_ms == 5_000
    shell.connector.options.heartbeat_interval_ms = 2_000
    assert shell.connector.next_ms == 2_000


def test_l3_the_deadline_allows_for_what_is_in_flight() -> None:
    shell = Shell(heartbeat_interval_ms=20_000).join()
    shell.pong()
    channel = shell.connector.open("test")
    shell.flush()
    shell.message('{"type":"ack","received":1}')
    shell.message(ACCEPT)
    channel.send("x" * 16_384)
    shell.flush()
    assert shell.connector.next_ms == 3_000 + 16_384 / 8


def test_l7_a_cut_right_after_a_ping_counts_the_silence_before_it() -> None:
    shell = Shell(heartbeat_interval_ms=20_000).join()
    shell.pong()
    for _ in range(2):
        start_ms = shell.now_ms
        shell.tick_until(start_ms + 20_000)
        shell.now_ms += 500
        shell.close()
        shell.tick_until(shell.now_ms + 1_000)
        shell.welcome()
        shell.pong()
    assert shell.connector.proxy.silence_limit_ms == 20_500


def test_l8_a_page_that_is_being_frozen_parks() -> None:
    shell = Shell().join()
    shell.connector.park()
    assert shell.state == "sleeping"
    assert shell.closed == [(1, 1000)]
    assert shell.connector.next_ms == inf
    shell.connector.open("test")
    shell.flush()
    assert shell.request.epoch == EPOCH
    assert shell.status.attempt == 0


def test_l8_the_network_coming_back_does_not_wake_a_page_that_nobody_sees() -> None:
    shell = Shell().join()
    shell.connector.hid(0)
    shell.connector.park()
    shell.connector.came_back(0)
    asleep = shell.state
    shell.connector.shown(0)
    assert (asleep, shell.state) == ("sleeping", "connecting")


def test_l8_a_page_that_parks_while_the_user_is_asked_asks_no_more() -> None:
    shell = Shell().join()
    shell.close(4429)
    asked = shell.status.question
    shell.connector.park()
    assert (asked, shell.status.question, shell.status.cut_ms) == ("permanent", "none", None)


def test_z_parameters_go_out_as_they_were_when_the_channel_was_opened() -> None:
    shell = Shell().join()
    parameters = {"model": "small"}
    shell.connector.open("test", parameters)
    parameters["model"] = "large"
    shell.flush()
    assert '"model":"small"' in str(shell.written[-1])


# -- Handlers that do anything (C6) -------------------------------------------------------


@pytest.mark.parametrize("lost_by", ["welcome", "close"])
def test_s1_a_handler_that_reconnects_on_its_discontinuity_leaves_one_socket(lost_by: str) -> None:
    shell = Shell().join()

    class Eager(Owner):
        def readable(self, channel: object) -> None:
            shell.connector.reconnect(shell.now_ms)

    Eager(shell.connector.open("test"))
    if lost_by == "close":
        shell.close(4410)
    else:
        shell.close()
        shell.tick_until(0)
        shell.welcome(resumed=False, epoch=None)
    assert len(shell.open) == 1
    assert shell.state == "connecting"


@pytest.mark.parametrize("act", ["reconnect", "dispose"])
def test_c6_a_handler_may_do_anything_while_the_welcome_is_answered(act: str) -> None:
    shell = Shell().join()
    channel = shell.connector.open("test")
    shell.flush()
    shell.message(ACCEPT)
    shell.close()
    channel.queue_limit_bytes = 1
    channel.send("record")

    class Eager(Owner):
        def writable(self, channel: object) -> None:
            getattr(shell.connector, act)(shell.now_ms)

    Eager(channel)
    shell.tick_until(0)
    shell.welcome(received=1)
    assert shell.state == ("connecting" if act == "reconnect" else "disposed")
    assert len(shell.open) == (1 if act == "reconnect" else 0)
