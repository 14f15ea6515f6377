"""What comes next while there is no connection: R2 to R6, R10."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from jupyter_ai_ws.protocol.outage import Outage
from jupyter_ai_ws.protocol.retry import ProbeAnswer, classify_close
from jupyter_ai_ws.protocol.status import ConnectorOptions, Question, Status


@pytest.fixture
def outage() -> Outage:
    """An outage on a remote host; randomness is always a half."""
    return Outage(ConnectorOptions(local=False), lambda: 0.5)


def failed(
    outage: Outage,
    code: int = 1006,
    *,
    connected: bool = False,
    timed_out: bool = False,
    attempt: int = 0,
    since_cut_ms: float = 0,
) -> Status:
    """Let a socket fail now."""
    status = Status(
        state="connected" if connected else "connecting", attempt=attempt, cut_ms=-since_cut_ms
    )
    return outage.socket_failed(status, classify_close(code), timed_out, 0)


def probed(
    outage: Outage, answer: ProbeAnswer, now_ms: float = 0, *, timed_out: bool = False
) -> Status | None:
    """Let a probe end."""
    status = Status(state="probing", attempt=1, cut_ms=0)
    return outage.probed(status, answer, timed_out, now_ms)


def after(
    next_try_ms: float | None, cause: str, question: Question = "none", *, attempt: int = 1
) -> Status:
    """The status in which another try is waited for, or none."""
    state = "stopped" if next_try_ms is None else "waiting"
    return Status(state, cause, attempt, next_try_ms, 0, question)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("local", "code", "delay_ms"),
    [(True, 1006, 0), (False, 1006, 150), (True, 1001, 1_500), (False, 1012, 1_500)],
)
def test_r2_the_first_retry(local: bool, code: int, delay_ms: float) -> None:
    outage = Outage(ConnectorOptions(local=local), lambda: 0.5)
    assert failed(outage, code, connected=True).next_try_ms == delay_ms


@pytest.mark.parametrize(
    ("attempt", "since_cut_ms", "delay_ms"),
    [(1, 0, 750), (2, 0, 1_500), (3, 0, 3_000), (4, 0, 6_000), (9, 0, 6_000), (9, 2e5, 22_500)],
)
def test_r2_the_retries_after_it(
    outage: Outage, attempt: int, since_cut_ms: float, delay_ms: float
) -> None:
    assert failed(outage, attempt=attempt, since_cut_ms=since_cut_ms).next_try_ms == delay_ms


def test_r3_after_a_socket_that_fails_the_page_tries_by_the_probe(outage: Outage) -> None:
    failed(outage, connected=True)
    by_probe = [outage.by_probe]
    failed(outage)
    by_probe.append(outage.by_probe)
    outage.welcomed()
    by_probe.append(outage.by_probe)
    assert by_probe == [False, True, False]


def test_r4_a_good_probe_opens_a_socket(outage: Outage) -> None:
    assert probed(outage, "ok") is None


@pytest.mark.parametrize("answer", ["down", "unreachable", "busy"])
def test_r4_a_passing_cause_is_retried(outage: Outage, answer: ProbeAnswer) -> None:
    assert probed(outage, answer) == after(750, answer)


@pytest.mark.parametrize("answer", ["incompatible", "login", "stopped", "missing"])
def test_r5_permanent_is_believed_when_said_twice_2_s_apart(
    outage: Outage, answer: ProbeAnswer
) -> None:
    outage.welcomed()
    assert probed(outage, answer, 0) == after(2_000, answer)
    assert probed(outage, answer, 1_500) == after(2_000, answer)
    assert probed(outage, answer, 2_000) == after(32_000, answer, "permanent")
    assert probed(outage, answer, 32_000) == after(62_000, answer, "permanent")


@pytest.mark.parametrize("between", ["ok", "down", "login"])
def test_r5_another_answer_begins_anew(outage: Outage, between: ProbeAnswer) -> None:
    probed(outage, "stopped", 0)
    probed(outage, between, 1_000)
    assert probed(outage, "stopped", 2_000) == after(4_000, "stopped")


def test_r4_missing_before_any_welcome_stops(outage: Outage) -> None:
    probed(outage, "missing", 0)
    assert probed(outage, "missing", 2_000) == after(None, "missing", "permanent")


def test_r6_a_time_out_is_followed_at_once_by_the_next_try(outage: Outage) -> None:
    assert failed(outage, timed_out=True, attempt=4) == after(0, "busy", attempt=4)
    assert probed(outage, "busy", timed_out=True) == after(0, "busy")


def test_r10_sockets_that_fail_after_good_probes_count_as_blocked(outage: Outage) -> None:
    steps = []
    failed(outage)
    for _ in range(3):
        assert probed(outage, "ok") is None
        steps.append(failed(outage, attempt=1))
    assert [step.cause for step in steps] == ["network", "network", "blocked"]
    assert steps[-1].question == "permanent"


@pytest.mark.parametrize(
    "reason", ["welcomed before", "a bad probe between", "time-outs", "the server says why"]
)
def test_r10_not_when(outage: Outage, reason: str) -> None:
    if reason == "welcomed before":
        outage.welcomed()
    failed(outage)
    for _ in range(3):
        probed(outage, "ok")
        code = 4429 if reason == "the server says why" else 1006
        step = failed(outage, code, timed_out=reason == "time-outs")
        if reason == "a bad probe between":
            probed(outage, "down")
    assert step.cause != "blocked"


@pytest.mark.parametrize(("code", "cause"), [(4406, "version"), (4429, "too-many")])
def test_r1_some_codes_ask_at_once(outage: Outage, code: int, cause: str) -> None:
    step = failed(outage, code)
    assert (step.cause, step.question, step.state) == (cause, "permanent", "waiting")


def test_r7_a_new_try_by_a_person_forgets_what_was_found(outage: Outage) -> None:
    failed(outage)
    probed(outage, "login", 0)
    outage.start_over()
    assert not outage.by_probe
    assert probed(outage, "login", 2_000) == after(4_000, "login")


@pytest.mark.parametrize(
    ("attempt", "cut_ms", "ask_ms"), [(4, 0, inf), (5, 0, 30_000), (5, 7, 30_007), (9, None, inf)]
)
def test_r9_the_user_is_asked_when_attempts_are_used_up(
    outage: Outage, attempt: int, cut_ms: float | None, ask_ms: float
) -> None:
    assert outage.ask_ms(Status(attempt=attempt, cut_ms=cut_ms)) == ask_ms


def test_r9_once_and_never_with_0_attempts(outage: Outage) -> None:
    tired = Status(attempt=9, cut_ms=0)
    assert outage.ask_ms(replace(tired, question="attempts")) == inf
    assert Outage(ConnectorOptions(max_attempts=0), lambda: 0.5).ask_ms(tired) == inf


def test_r9_a_page_told_so_stops_behind_a_question() -> None:
    outage = Outage(ConnectorOptions(retry_while_asking=False), lambda: 0.5)
    assert failed(outage, 4406) == after(None, "version", "permanent", attempt=0)
