"""After how much silence something on the way cuts."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketError

from ...protocol.limits import HEARTBEAT_FLOOR_MS, HEARTBEAT_INTERVAL_MS, CloseCode
from ..proxies import known_default
from ..report import Result
from ..within import within
from .base import UPDATE, Check

if TYPE_CHECKING:
    from .base import Patient

__all__ = ["SilenceCheck", "judge_silence"]

OVER: Final = 0.9
"""A socket that lasted this share of what was asked was not cut; clocks and lines differ a bit."""
SPARE: Final = 1.3
"""Pings come late on a loaded machine: so much more than their interval is asked of a proxy."""


class SilenceCheck(Check):
    """A socket on which neither side says anything."""

    name = "silence"
    beside = True

    async def run(self, patient: Patient) -> Result:
        """Be silent, and look at the clock when it ends."""
        seconds = patient.options.idle_timeout_probe_s
        if not seconds:
            return Result("skipped", "Not asked for; --idle-timeout-probe 90 looks for 90 s.")
        cuts_s: list[float] = []
        left_s = float(seconds)
        while left_s >= 1 and len(cuts_s) < 2:
            asked_s = int(left_s)
            try:
                lasted_s, code = await _be_silent(patient, asked_s)
            except (OSError, HTTPClientError, WebSocketError):
                if cuts_s:
                    break
                return Result(
                    "skipped",
                    "The silent socket does not open.",
                    (UPDATE,),
                )
            if code == CloseCode.TRY_LATER:
                return Result(
                    "skipped",
                    "The server holds as many silent sockets as it will.",
                    ("Try again when other doctors have ended.",),
                )
            # Some proxies end an idle socket with a close frame of their own.
            if code == CloseCode.NORMAL and lasted_s >= OVER * asked_s:
                break
            cuts_s.append(lasted_s)
            left_s -= lasted_s
            # A second look only where there is time for it.
            if left_s < lasted_s + 1:
                break
        ping_s = float(patient.facts.get("ping_interval_s", 15.0))
        return judge_silence(cuts_s, seconds, ping_s, patient.proxy_name)


async def _be_silent(patient: Patient, seconds: int) -> tuple[float, int | None]:
    """Return how long it lasted, and the close code, if there was one."""
    connection = await patient.line.connect("jupyter-ai-ws/doctor/silence", f"seconds={seconds}")
    since_s = time.monotonic()
    try:
        while True:
            try:
                message = await within(connection.read_message(), 0.5)
            except asyncio.TimeoutError:
                patient.progressed((time.monotonic() - since_s) / seconds, "being silent")
                continue
            if message is None:
                return time.monotonic() - since_s, connection.close_code
    finally:
        connection.close()


def judge_silence(cuts_s: list[float], asked_s: int, ping_s: float, proxy: str) -> Result:
    """Say what a time-out means for pages.

    Args:
        cuts_s: After how much silence the line was cut, each time; empty: it was not.
        asked_s: How long it was listened to.
        ping_s: The longest silence on a connection: the server's WebSocket pings.
        proxy: The `Server` header of what answers.
    """
    figures: dict[str, Any] = {
        "listened_s": asked_s,
        "cut_after_s": round(min(cuts_s), 1) if cuts_s else None,
        "cuts": len(cuts_s),
        "heartbeat_that_copes_s": None,
        "longest_silence_of_a_page_s": ping_s,
    }
    if cuts_s:
        return _judge_cut(min(cuts_s), ping_s, proxy, figures)
    enough = asked_s >= ping_s * SPARE
    return Result(
        "ok" if enough else "advice",
        f"Nothing cuts a silence of {asked_s} s.",
        () if enough else (f"Listen longer: --idle-timeout-probe {ping_s * 2:.0f}",),
        figures,
    )


def _judge_cut(cut_s: float, ping_s: float, proxy: str, figures: dict[str, Any]) -> Result:
    floor_s = HEARTBEAT_FLOOR_MS / 1000
    copes_s = figures["heartbeat_that_copes_s"] = round(max(floor_s, cut_s * 2 / 3), 1)
    twice = " (twice)" if figures["cuts"] > 1 else ""
    said = f"Something on the way cuts after {cut_s:.1f} s of silence{twice}."
    owner = known_default(cut_s * 1000)
    if owner:
        said += f" That is a default of: {owner}."
    if cut_s >= ping_s * SPARE:
        said += f" Connections are never silent for more than {ping_s:g} s."
        return Result("ok", said, (), figures)
    if cut_s < floor_s * SPARE:
        said += f" No heartbeat of a page is that fast ({floor_s:g} s at the least)."
        return Result("failed", said, _lines(cut_s, ping_s, proxy), figures)
    if cut_s > HEARTBEAT_INTERVAL_MS / 1000 * SPARE:
        said += " Pages in view hold it open; hidden ones are cut, and come back by themselves."
    else:
        said += (
            f" Pages are cut twice, then send a heartbeat every {copes_s:g} s; hidden ones may be "
            "cut again."
        )
    return Result("advice", said, _lines(cut_s, ping_s, proxy), figures)


def _lines(cut_s: float, ping_s: float, proxy: str) -> tuple[str, ...]:
    """Say what to change in which file."""
    wanted_s = max(60, round(ping_s * 4))
    lines = {
        "nginx": f"nginx.conf, location of the server: proxy_read_timeout {wanted_s}s;",
        "haproxy": f"haproxy.cfg, defaults or backend: timeout tunnel {wanted_s}s",
    }
    known = [line for name, line in lines.items() if name in proxy.lower()]
    faster_s = max(1, int(cut_s / 2))
    return (
        *(known or lines.values()),
        f"Or in jupyter_server_config.py: c.AiWsApp.ping_interval_s = {faster_s}",
    )
