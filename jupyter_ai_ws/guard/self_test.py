"""The self-test at start-up: does the installed tornado take a handler driven in memory?"""

from __future__ import annotations

import asyncio
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from ..frame_head import CLOSE
from .caller import Caller
from .peer import Peer, PeerListener, PeerRefusedError

if TYPE_CHECKING:
    from logging import Logger

__all__ = ["GuardBrokenError", "self_test"]

TIMEOUT_S: Final = 5.0
"""How long it may take; a few milliseconds are usual."""
CODE: Final = 4321
TEXT_SAMPLE: Final = "grüß dich"
BINARY_SAMPLE: Final = bytes(range(256)) * 512


class GuardBrokenError(Exception):
    """Messages do not come through as they do through a socket."""

    def __init__(self, problem: str) -> None:
        """Say what the self-test has found; `problem` is a verb and the rest."""
        super().__init__(f"the self-test of the guard {problem}")


def self_test(log: Logger) -> None:
    """Drive a handler of this module in memory, in a thread and a web application of its own.

    Args:
        log: Where it is said that the guard works, but not as fast as it should.

    Raises:
        GuardBrokenError: It does not work with this version of tornado.
    """
    problems: list[GuardBrokenError] = []

    def run() -> None:
        try:
            asyncio.run(asyncio.wait_for(_test(log), TIMEOUT_S))
        except (asyncio.TimeoutError, TimeoutError):
            problems.append(GuardBrokenError("hangs"))
        except GuardBrokenError as error:
            problems.append(error)
        except Exception as error:
            problems.append(GuardBrokenError(f"fails with {error!r}"))

    # A thread: the server's own event loop may run already, or not yet.
    thread = Thread(target=run, name="jupyter_ai_ws guard self-test", daemon=True)
    thread.start()
    thread.join(2 * TIMEOUT_S)
    if thread.is_alive():
        raise GuardBrokenError("hangs")
    if problems:
        raise problems[0]


class _Echo(WebSocketHandler):
    """Sends everything back and closes at the text "close"."""

    def on_message(self, message: str | bytes) -> None:
        if message == "close":
            self.close(CODE, "as asked")
        else:
            self.write_message(message, binary=isinstance(message, bytes))


class _Client(PeerListener):
    def __init__(self) -> None:
        self.received: asyncio.Queue[Any] = asyncio.Queue()

    def opened(self, protocol: str) -> None:
        self.received.put_nowait(("opened", protocol))

    def message(self, record: str | bytes) -> None:
        self.received.put_nowait(record)

    def closed(self, code: int, reason: str) -> None:
        self.received.put_nowait((code, reason))


class _CountingPeer(Peer):
    """Counts the data frames that the short way is to spare."""

    data_frames = 0

    def frame_written(self, opcode: int, payload: bytes) -> asyncio.Future[None]:
        self.data_frames += opcode < CLOSE
        return super().frame_written(opcode, payload)


async def _test(log: Logger) -> None:
    application = Application([("/echo", _Echo)], log_function=lambda handler: None)
    caller = _caller()
    client = _Client()
    peer = _CountingPeer(client, log)
    await peer.open(application, "/echo", [], caller, TIMEOUT_S)
    await _expect(client, ("opened", ""))
    for sample in (TEXT_SAMPLE, BINARY_SAMPLE):
        peer.send(sample)
        await _expect(client, sample)
    peer.send("close")
    await _expect(client, (CODE, "as asked"))
    await peer.gone()
    await _expect_refusal(application, caller, log)
    if peer.data_frames:
        log.warning("The guard takes the long way with this tornado: it works, but slower.")


async def _expect_refusal(application: Application, caller: Caller, log: Logger) -> None:
    try:
        await Peer(_Client(), log).open(application, "/nothing", [], caller, TIMEOUT_S)
    except PeerRefusedError as refusal:
        if refusal.status == 404:
            return
    raise GuardBrokenError("asks for an unknown path and gets no 404")


async def _expect(client: _Client, expected: object) -> None:
    received = await client.received.get()
    if received != expected:
        raise GuardBrokenError(f"sees {_short(received)} in place of {_short(expected)}")


def _short(value: object) -> str:
    return repr(value)[:60]


def _caller() -> Caller:
    line = RequestStartLine("GET", "/", "HTTP/1.1")
    return Caller(HTTPServerRequest(headers=HTTPHeaders({"Host": "localhost"}), start_line=line))
