"""What is under way while a page is not connected: H1, H4, H9, R6, R7, R9, S2, S3."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from jupyter_ai_ws.protocol.frames import Welcome
from jupyter_ai_ws.protocol.liveness import Liveness
from jupyter_ai_ws.protocol.status import ConnectorOptions
from jupyter_ai_ws.protocol.tries import Tries

from .driver import Driver
from .pair import Owner
from .vectors import broken_rule

EPOCH = "0123456789abcdef"


@pytest.fixture
def driver() -> Driver:
    return Driver()


@pytest.fixture
def options() -> ConnectorOptions:
    return ConnectorOptions()


@pytest.fixture
def tries(driver: Driver, options: ConnectorOptions) -> Tries:
    return Tries(driver, Liveness(), options, lambda: 0.5)


def welcome(tries: Tries, **members: Any) -> Welcome:
    """The answer to the last request, with some members changed."""
    request = tries.request
    fitting = {
        "resumed": request.epoch is not None,
        "epoch": EPOCH,
        "instance": "one",
        "received": 0,
        "serial": request.serial,
        "limits": {},
    }
    return Welcome(**{**fitting, **members})


def join(tries: Tries) -> None:
    """Open a socket and have it welcomed."""
    tries.start(0)
    tries.welcomed(welcome(tries), 0)
    tries.settle("connected")


def test_h1_the_first_socket_asks_for_a_new_session_once(tries: Tries, driver: Driver) -> None:
    tries.start(0)
    tries.start(0)
    assert driver.did == ["socket 1", "connecting"]
    request = driver.requests[0]
    assert (request.sid, request.epoch, request.received, request.serial) == (
        "1".zfill(32),
        None,
        0,
        1,
    )


def test_nothing_happens_before_the_start(tries: Tries, driver: Driver) -> None:
    tries.wake(0)
    tries.tick(1e9)
    assert not tries.replace_old(1e9)
    assert tries.next_ms == inf
    assert driver.did == []


def test_h1_sockets_and_probes_are_numbered_alike(tries: Tries, driver: Driver) -> None:
    tries.start(0)
    tries.lost(1006, 0)
    tries.tick(0)
    tries.probe_answered("ok", 0)
    assert [did for did in driver.did if " " in did] == ["socket 1", "probe 2", "socket 3"]
    assert tries.request.serial == tries.current == 3


def test_h1_what_was_welcomed_is_resumed(tries: Tries, driver: Driver) -> None:
    join(tries)
    tries.lost(1006, 0)
    tries.tick(0)
    assert (driver.requests[1].epoch, driver.requests[1].serial) == (EPOCH, 2)
    assert tries.welcomed(welcome(tries, resumed=True), 0)


@pytest.mark.parametrize(
    ("rule", "members"),
    [
        ("S3", {"serial": 7}),
        ("H4", {"epoch": None}),
        ("H4", {"resumed": True}),
        ("H7", {"received": 1}),
    ],
)
def test_a_first_welcome_that_does_not_answer_is_an_error(
    tries: Tries, rule: str, members: dict[str, Any]
) -> None:
    tries.start(0)
    assert broken_rule(tries.welcomed, welcome(tries, **members), 0) == rule
    assert not tries.session.attached


def test_h9_a_new_session_is_asked_for_when_the_old_one_is_unknown(
    tries: Tries, driver: Driver
) -> None:
    join(tries)
    channel = tries.session.open("test")
    owner = Owner(channel)
    tries.lost(1006, 0)
    tries.tick(0)
    assert not tries.welcomed(welcome(tries, resumed=False, epoch=None), 0)
    assert driver.did[-4:] == ["close 2 1000", "socket 3", "connecting", "session replaced"]
    assert driver.requests[2].epoch is None
    assert owner.events == ["discontinuity"]
    assert channel.final is not None
    assert channel.final.reason == "session-lost"
    assert (tries.status.cause, tries.status.attempt) == ("session-lost", 1)


def test_s2_a_probe_that_brings_no_answer_in_5_s_is_given_up(tries: Tries, driver: Driver) -> None:
    tries.start(0)
    tries.lost(1006, 0)
    tries.tick(0)
    assert tries.next_ms == 5_000
    tries.tick(5_000)
    assert driver.did[-2:] == ["drop 2", "waiting"]
    assert (tries.status.cause, tries.status.next_try_ms) == ("busy", 5_000)


def test_s2_a_socket_may_take_twice_as_long_after_each_time_out(tries: Tries) -> None:
    waits_ms = []
    now_ms = 0.0
    tries.start(now_ms)
    for _ in range(6):
        waits_ms.append(tries.next_ms - now_ms)
        now_ms = tries.next_ms
        tries.tick(now_ms)  # gives up the socket
        tries.tick(now_ms)  # the probe, at once
        tries.probe_answered("ok", now_ms)
        tries.set_status(question="attempts")
    assert waits_ms == [10_000, 20_000, 40_000, 80_000, 120_000, 120_000]


@pytest.mark.parametrize(("now_ms", "replaced"), [(3_000, False), (3_001, True)])
def test_r7_a_try_older_than_3_s_is_replaced(
    tries: Tries, driver: Driver, now_ms: float, replaced: bool
) -> None:
    tries.start(0)
    assert tries.replace_old(now_ms) is replaced
    assert ("socket 2" in driver.did) is replaced
    assert tries.status.attempt == 0


def test_r7_once_welcomed_there_is_no_try_to_replace(tries: Tries) -> None:
    join(tries)
    assert not tries.replace_old(60_000)


def test_r9_a_page_told_so_stops_when_it_asks(
    tries: Tries, driver: Driver, options: ConnectorOptions
) -> None:
    options.retry_while_asking = False
    tries.start(0)
    tries.set_status(attempt=5, cut_ms=0)
    tries.tick(30_000)
    status = tries.status
    assert (status.state, status.question, status.next_try_ms) == ("stopped", "attempts", None)
    assert "close 1 4408" in driver.did
    assert tries.next_ms == inf
