"""Who may attach, and what is kept for how long: H2, H4 to H6, H10, L6, P1, P2, B1."""

from __future__ import annotations

from itertools import count
from math import inf
from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.protocol.acceptor import (
    Acceptor,
    AcceptorListener,
    AcceptorOptions,
    Admission,
)
from jupyter_ai_ws.protocol.frames import Welcome, decode
from jupyter_ai_ws.protocol.handshake import ResumeRequest
from jupyter_ai_ws.protocol.held import HeldListener, HeldSession

from .pair import take_all

if TYPE_CHECKING:
    from jupyter_ai_ws.protocol.server_end import ServerChannel

SID = "0123456789abcdef" * 2
OTHER_SID = "fedcba9876543210" * 2
PING = '{"type":"ping","id":1,"received":0}'
BYE = '{"type":"bye"}'
OPEN = '0\x1e{"type":"open","channel":1,"service":"s","parameters":{}}'


class Listener(HeldListener[str]):
    """Accepts every channel."""

    def channel_requested(self, channel: ServerChannel) -> None:
        channel.accept()


class Server(AcceptorListener[str]):
    """An acceptor whose sockets are names."""

    def __init__(self, options: AcceptorOptions | None = None) -> None:
        self.closed: list[tuple[str, int]] = []
        self.ended: list[HeldSession[str]] = []
        self.lived: list[tuple[str, int]] = []
        self.over_budget = 0
        epochs = count()
        self.acceptor: Acceptor[str] = Acceptor(
            "instance", self, Listener, lambda: f"{next(epochs):016x}", options
        )

    def close_socket(self, socket: str, code: int, reason: str) -> None:
        self.closed.append((socket, code))

    def session_attached(self, held: HeldSession[str]) -> None:
        self.lived.append((f"attached {held.socket}", held.resumes))

    def session_parked(self, held: HeldSession[str], code: int, reason: str) -> None:
        assert held.socket is None
        self.lived.append((f"parked: {reason}", code))

    def session_ended(self, held: HeldSession[str], code: int, reason: str) -> None:
        self.ended.append(held)
        self.lived.append((reason, code))

    def budget_exceeded(self) -> None:
        self.over_budget += 1

    def request(
        self,
        socket: str,
        serial: int,
        epoch: str | None = None,
        received: int = 0,
        *,
        sid: str = SID,
        principal: str = "owner",
        now_ms: float = 0,
    ) -> Admission[str]:
        """Judge a request."""
        asked = ResumeRequest(sid, epoch, received, serial)
        return self.acceptor.request(principal, asked, socket, now_ms)

    def join(self, socket: str = "first", sid: str = SID, now_ms: float = 0) -> HeldSession[str]:
        """A new session whose page was heard."""
        held = self.request(socket, 1, sid=sid, now_ms=now_ms).held
        assert held is not None
        self.acceptor.receive(held, socket, PING, now_ms)
        return held


def welcome(admission: Admission[str]) -> Welcome:
    """The first frame."""
    frame = decode(admission.frames[0])
    assert isinstance(frame, Welcome)
    return frame


@pytest.fixture
def server() -> Server:
    """A server without sessions."""
    return Server()


# -- H4, row by row -----------------------------------------------------------------------


def test_h4_a_new_session(server: Server) -> None:
    admission = server.request("first", 1)
    assert admission.held is not None
    assert welcome(admission) == Welcome(False, "0" * 16, "instance", 0, 1, {})


@pytest.mark.parametrize("held", [False, True], ids=["sid unknown", "epoch unknown"])
def test_h4_an_unknown_session_makes_nothing(server: Server, held: bool) -> None:
    if held:
        server.join()
    before = dict(server.acceptor.sessions)
    admission = server.request("late", 2, "f" * 16)
    assert admission.held is None
    assert admission.code == 4404
    assert welcome(admission) == Welcome(False, None, "instance", 0, 2, {})
    assert server.acceptor.sessions == before
    assert server.closed == []


@pytest.mark.parametrize("serial", [1, 2])
@pytest.mark.parametrize("epoch", [None, "0" * 16])
def test_h4_a_serial_not_above_the_sessions_touches_nothing(
    server: Server, epoch: str | None, serial: int
) -> None:
    held = server.join()
    server.request("second", 2, held.epoch)
    admission = server.request("limps in", serial, epoch)
    assert (admission.held, admission.code, admission.frames) == (None, 4409, [])
    assert held.socket == "second"


@pytest.mark.parametrize("received", [1, 99])
def test_h4_a_cursor_outside_the_log_ends_the_session(server: Server, received: int) -> None:
    held = server.join()
    admission = server.request("second", 2, held.epoch, received)
    assert (admission.held, admission.code) == (None, 4400)
    assert admission.reason.startswith("H4")
    assert server.acceptor.sessions == {}
    assert server.closed == [("first", 4400)]


def test_h4_a_known_session_resumes(server: Server) -> None:
    held = server.join()
    server.acceptor.receive(held, "first", OPEN, 0)
    channel = held.session.channels[1]
    server.acceptor.flush(held, 0)
    server.acceptor.receive(held, "first", "1\x1ecounted", 0)
    admission = server.request("second", 2, held.epoch, 0)
    assert admission.held is held
    assert welcome(admission) == Welcome(True, held.epoch, "instance", 2, 2, {})
    assert len(admission.frames) == 2  # H3: what is missing, with the first writes
    assert server.closed == [("first", 4409)]
    assert take_all(channel) == ["counted"]
    assert held.resumes == 1


def test_h4_a_sid_in_use_is_not_taken(server: Server) -> None:
    held = server.join()
    admission = server.request("second", 2)
    assert (admission.held, admission.code) == (None, 4409)
    assert held.socket == "first"


def test_h4_a_session_never_heard_is_replaced(server: Server) -> None:
    first = server.request("first", 1).held
    second = server.request("second", 2)
    assert second.held is not None
    assert welcome(second).resumed is False
    assert server.ended == [first]
    assert server.closed == [("first", 4409)]


def test_h4_too_many_sessions_of_one_principal() -> None:
    server = Server(AcceptorOptions(max_sessions_per_principal=1))
    held = server.join()
    assert server.request("more", 1, sid=OTHER_SID).code == 4429
    assert server.request("other", 1, sid=OTHER_SID, principal="other").held is not None
    server.acceptor.end(held, "enough", 4410)
    assert server.request("again", 1, sid=OTHER_SID).held is not None


def test_h2_another_principals_session_is_unknown(server: Server) -> None:
    held = server.join()
    admission = server.request("thief", 2, held.epoch, principal="other")
    assert (admission.held, admission.code) == (None, 4404)
    assert held.socket == "first"


def test_h6_what_arrives_on_a_detached_socket_is_dropped(server: Server) -> None:
    held = server.join()
    server.request("second", 2, held.epoch)
    server.acceptor.receive(held, "first", OPEN, 0)
    server.acceptor.detached(held, "first", 0)
    assert held.session.receipts.received == 0
    assert held.socket == "second"


def test_b1_an_error_ends_the_session_with_4400(server: Server) -> None:
    held = server.join()
    server.acceptor.receive(held, "first", "5", 0)
    assert server.closed == [("first", 4400)]
    assert server.acceptor.sessions == {}
    assert held.session.ended is not None
    assert held.session.ended.startswith("F3")


# -- H10, P1, L6 --------------------------------------------------------------------------


def test_p1_a_parked_session_is_kept_for_12_h(server: Server) -> None:
    held = server.join()
    assert held.expires_ms == inf
    server.acceptor.detached(held, "first", 1_000)
    server.acceptor.tick(1_000 + 12 * 3_600_000 - 1)
    assert server.ended == []
    server.acceptor.tick(1_000 + 12 * 3_600_000)
    assert server.ended == [held]


def test_p1_one_whose_page_was_never_heard_for_30_s(server: Server) -> None:
    held = server.request("first", 1).held
    assert held is not None
    server.acceptor.detached(held, "first", 0)
    server.acceptor.tick(29_999)
    assert server.ended == []
    server.acceptor.tick(30_000)
    assert server.ended == [held]


def test_h10_after_a_bye_it_ends_10_s_later(server: Server) -> None:
    held = server.join()
    server.acceptor.receive(held, "first", BYE, 0)
    assert server.closed == [("first", 1000)]
    server.acceptor.tick(9_999)
    assert server.ended == []
    server.acceptor.tick(10_000)
    assert server.ended == [held]


def test_h10_unless_a_higher_serial_comes(server: Server) -> None:
    held = server.join()
    server.acceptor.receive(held, "first", BYE, 0)
    assert server.request("second", 2, held.epoch).held is held
    server.acceptor.detached(held, "second", 0)
    server.acceptor.tick(10_000)
    assert server.ended == []


@pytest.mark.parametrize(("serial", "heeded"), [(1, False), (2, True), (3, True)])
def test_h10_a_posted_bye_with_a_lower_serial_is_ignored(
    server: Server, serial: int, heeded: bool
) -> None:
    held = server.join()
    server.request("second", 2, held.epoch)
    server.acceptor.detached(held, "second", 0)
    server.acceptor.bye("owner", SID, held.epoch, serial, 0)
    server.acceptor.tick(10_000)
    assert bool(server.ended) is heeded


def test_h10_a_request_that_a_posted_bye_overtook_revokes_nothing(server: Server) -> None:
    held = server.join()
    server.acceptor.detached(held, "first", 0)
    server.acceptor.bye("owner", SID, held.epoch, 2, 0)
    assert server.request("second", 2, held.epoch).code == 4409
    server.acceptor.tick(10_000)
    assert server.ended == [held]


@pytest.mark.parametrize(
    ("principal", "sid", "epoch"),
    [("other", SID, "0" * 16), ("owner", OTHER_SID, "0" * 16), ("owner", SID, "1" * 16)],
)
def test_h10_a_bye_for_another_session_is_ignored(
    server: Server, principal: str, sid: str, epoch: str
) -> None:
    held = server.join()
    server.acceptor.bye(principal, sid, epoch, 9, 0)
    assert held.socket == "first"


def test_l6_a_socket_silent_for_45_s_is_closed_and_its_session_parked(server: Server) -> None:
    held = server.join()
    server.acceptor.byte_seen(held, "first", 10_000)
    server.acceptor.byte_seen(held, "other", 20_000)
    server.acceptor.tick(54_999)
    assert server.closed == []
    server.acceptor.tick(55_000)
    assert server.closed == [("first", 4408)]
    assert held.socket is None
    assert server.ended == []


# -- What the shell is told ---------------------------------------------------------------


def test_attached_and_parked_alternate_and_tell_the_close(server: Server) -> None:
    held = server.join()
    server.request("second", 2, held.epoch)
    server.acceptor.detached(held, "first", 0, 1006)
    server.acceptor.detached(held, "second", 0, 1001, "tab closed")
    server.request("third", 3, held.epoch)
    server.acceptor.tick(45_000)
    assert server.lived == [
        ("attached first", 0),
        ("parked: a later socket took over", 4409),
        ("attached second", 1),
        ("parked: tab closed", 1001),
        ("attached third", 2),
        ("parked: nothing came for 45 s", 4408),
    ]


def test_p1_the_end_of_a_session_tells_that_it_expired(server: Server) -> None:
    held = server.join()
    server.acceptor.detached(held, "first", 0)
    server.acceptor.tick(12 * 3_600_000)
    assert server.lived[1:] == [("parked: ", 1006), ("the session expired", 4404)]


# -- P2 -----------------------------------------------------------------------------------


def grow(server: Server, held: HeldSession[str], size: int) -> None:
    """Let a session hold memory."""
    assert held.socket is not None
    server.acceptor.receive(held, held.socket, OPEN, 0)
    held.session.channels[1].send("x" * size)


def test_p2_the_oldest_parked_session_ends_first_then_the_largest_attached() -> None:
    server = Server(AcceptorOptions(memory_budget_bytes=1_000_000))
    held = {
        name: server.join(name, f"{index:032x}")
        for index, name in enumerate(["empty", "parked", "oldest", "small", "large"])
    }
    for name, size in [("parked", 300_000), ("oldest", 300_000), ("small", 100_000)]:
        grow(server, held[name], size)
    server.acceptor.detached(held["empty"], "empty", 1)
    server.acceptor.detached(held["oldest"], "oldest", 2)
    server.acceptor.detached(held["parked"], "parked", 3)
    assert server.over_budget == 0
    grow(server, held["large"], 400_000)
    assert server.over_budget == 1
    server.acceptor.enforce_budget()
    assert server.ended == [held["oldest"]]
    held["large"].session.channels[1].send("x" * 400_000)
    assert server.over_budget == 2
    server.acceptor.enforce_budget()
    assert server.ended == [held["oldest"], held["parked"]]
    held["large"].session.channels[1].send("x" * 400_000)
    server.acceptor.enforce_budget()
    assert server.ended[2:] == [held["large"]]
    assert server.closed == [("large", 4410)]
    assert server.lived[-1] == ("the server ran out of memory for sessions", 4410)
    assert server.acceptor.memory_bytes == held["small"].session.memory_bytes
