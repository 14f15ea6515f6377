"""What an idle time-out means for pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.doctor.checks.silence import judge_silence

if TYPE_CHECKING:
    from jupyter_ai_ws.doctor.report import Verdict


@pytest.mark.parametrize(
    ("cuts_s", "verdict", "copes_s", "said"),
    [
        ([60.1], "ok", 40.1, "That is a default of: nginx (proxy_read_timeout), Apache"),
        ([50.0], "ok", 33.3, "That is a default of: HAProxy as Debian sets it up"),
        ([19.6], "ok", 13.1, "never silent for more than 15 s"),
        ([19.4, 19.5], "advice", 12.9, "hidden ones are cut, and come back"),
        ([6.6, 6.6], "advice", 4.4, "(twice). Pages in view hold it open"),
        ([6.4, 6.5], "advice", 4.3, "Pages are cut twice, then send a heartbeat every 4.3 s"),
        ([2.7, 2.7], "advice", 2.0, "Pages are cut twice, then send a heartbeat every 2 s"),
        ([2.5, 2.5], "failed", 2.0, "No heartbeat of a page is that fast (2 s at the least)"),
    ],
)
def test_time_out_is_judged_by_what_heartbeats_cope_with(
    cuts_s: list[float], verdict: Verdict, copes_s: float, said: str
) -> None:
    result = judge_silence(cuts_s, 90, 15.0, "nginx/1.22")
    assert result.verdict == verdict
    assert said in result.sentence
    assert f"cuts after {min(cuts_s):.1f} s" in result.sentence
    assert result.figures["heartbeat_that_copes_s"] == copes_s
    assert bool(result.advice) is (verdict != "ok")


@pytest.mark.parametrize(("listened_s", "verdict"), [(30, "ok"), (20, "ok"), (19, "advice")])
def test_no_cut_is_good_news_only_after_longer_than_connections_are_silent(
    listened_s: int, verdict: Verdict
) -> None:
    result = judge_silence([], listened_s, 15.0, "")
    assert result.verdict == verdict
    assert result.figures["cut_after_s"] is None
    assert result.advice == (() if verdict == "ok" else ("Listen longer: --idle-timeout-probe 30",))


@pytest.mark.parametrize(
    ("proxy", "lines"),
    [
        ("nginx/1.22.1", ["nginx.conf"]),
        ("HAProxy", ["haproxy.cfg"]),
        ("TornadoServer/6.6", ["nginx.conf", "haproxy.cfg"]),
    ],
)
def test_line_to_change_is_that_of_the_proxy_if_it_is_known(proxy: str, lines: list[str]) -> None:
    *named, last = judge_silence([5.0], 30, 15.0, proxy).advice
    assert [step.split(",")[0] for step in named] == lines
    assert last == "Or in jupyter_server_config.py: c.AiWsApp.ping_interval_s = 2"


def test_pings_of_the_operator_set_what_is_enough() -> None:
    assert judge_silence([5.0], 30, 2.0, "").verdict == "ok"
    assert judge_silence([35.0], 40, 30.0, "nginx").advice[0].endswith("proxy_read_timeout 120s;")
