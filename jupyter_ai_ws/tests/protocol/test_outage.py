"""What comes next while there is no connection: R2 to R6, R10."""

from __future__ import annotations

import pytest

from jupyter_ai_ws.protocol.outage import Outage, Step
from jupyter_ai_ws.protocol.retry import ProbeAnswer, classify_close
from jupyter_ai_ws.protocol.status import ConnectorOptions


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
    cut_ms: float = 0,
) -> Step:
    """Let a socket fail."""
    return outage.socket_failed(
        classify_close(code),
        connected=connected,
        timed_out=timed_out,
        attempt=attempt,
        cut_ms=cut_ms,
    )


def probed(outage: Outage, answer: ProbeAnswer, now_ms: float = 0) -> Step | None:
    """Let a probe end."""
    return outage.probed(answer, timed_out=False, attempt=1, cut_ms=0, now_ms=now_ms)


@pytest.mark.parametrize(
    ("local", "code", "delay_ms"),
    [(True, 1006, 0), (False, 1006, 150), (True, 1001, 1_500), (False, 1012, 1_500)],
)
def test_r2_the_first_retry(local: bool, code: int, delay_ms: float) -> None:
    outage = Outage(ConnectorOptions(local=local), lambda: 0.5)
    assert failed(outage, code, connected=True).delay_ms == delay_ms


@pytest.mark.parametrize(
    ("attempt", "cut_ms", "delay_ms"),
    [(1, 0, 750), (2, 0, 1_500), (3, 0, 3_000), (4, 0, 6_000), (9, 0, 6_000), (9, 2e5, 22_500)],
)
def test_r2_the_retries_after_it(
    outage: Outage, attempt: int, cut_ms: float, delay_ms: float
) -> None:
    assert failed(outage, attempt=attempt, cut_ms=cut_ms).delay_ms == delay_ms


def test_r2_a_cap_below_the_base_counts_as_the_base() -> None:
    outage = Outage(ConnectorOptions(base_delay_ms=5_000, delay_cap_ms=1_000), lambda: 0.5)
    assert failed(outage, attempt=3).delay_ms == 3_750


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
    assert probed(outage, answer) == Step(750, answer)


@pytest.mark.parametrize("answer", ["incompatible", "login", "stopped", "missing"])
def test_r5_permanent_is_believed_when_said_twice_2_s_apart(
    outage: Outage, answer: ProbeAnswer
) -> None:
    outage.welcomed()
    assert probed(outage, answer, 0) == Step(2_000, answer)
    assert probed(outage, answer, 1_500) == Step(500, answer)
    assert probed(outage, answer, 2_000) == Step(30_000, answer, "permanent")
    assert probed(outage, answer, 32_000) == Step(30_000, answer, "permanent")


@pytest.mark.parametrize("between", ["ok", "down", "login"])
def test_r5_another_answer_begins_anew(outage: Outage, between: ProbeAnswer) -> None:
    probed(outage, "stopped", 0)
    probed(outage, between, 1_000)
    assert probed(outage, "stopped", 2_000) == Step(2_000, "stopped")


def test_r4_missing_before_any_welcome_stops(outage: Outage) -> None:
    probed(outage, "missing", 0)
    assert probed(outage, "missing", 2_000) == Step(30_000, "missing", "permanent", stop=True)


def test_r6_a_time_out_is_followed_at_once_by_the_next_try(outage: Outage) -> None:
    assert failed(outage, timed_out=True, attempt=4) == Step(0, "busy")
    step = outage.probed("busy", timed_out=True, attempt=4, cut_ms=0, now_ms=0)
    assert step == Step(0, "busy")


def test_r10_sockets_that_fail_after_good_probes_count_as_blocked(outage: Outage) -> None:
    steps = []
    failed(outage)
    for _ in range(3):
        assert probed(outage, "ok") is None
        steps.append(failed(outage, attempt=1))
    assert [step.cause for step in steps] == ["network", "network", "blocked"]
    assert steps[-1].question == "permanent"


@pytest.mark.parametrize("reason", ["welcomed before", "a bad probe between", "time-outs"])
def test_r10_not_when(outage: Outage, reason: str) -> None:
    if reason == "welcomed before":
        outage.welcomed()
    failed(outage)
    for _ in range(3):
        probed(outage, "ok")
        step = failed(outage, timed_out=reason == "time-outs")
        if reason == "a bad probe between":
            probed(outage, "down")
    assert step.cause != "blocked"


@pytest.mark.parametrize(("code", "cause"), [(4406, "version"), (4429, "too-many")])
def test_r1_some_codes_ask_at_once(outage: Outage, code: int, cause: str) -> None:
    step = failed(outage, code)
    assert (step.cause, step.question, step.stop) == (cause, "permanent", False)


def test_r7_a_new_try_by_a_person_forgets_what_was_found(outage: Outage) -> None:
    failed(outage)
    probed(outage, "login", 0)
    outage.start_over()
    assert not outage.by_probe
    assert probed(outage, "login", 2_000) == Step(2_000, "login")
