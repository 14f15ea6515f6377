from __future__ import annotations

import pytest

from jupyter_ai_ws.protocol.errors import (
    AiWsError,
    ChannelClosedError,
    ProtocolError,
    QueueFullError,
    RecordTooLargeError,
    SessionEndedError,
)


def test_b1_the_reason_names_the_rule() -> None:
    error = ProtocolError("F3", "empty message")
    assert (error.rule, error.message) == ("F3", "empty message")
    assert error.reason == str(error) == "F3: empty message"


@pytest.mark.parametrize("message", ["x" * 200, "€" * 200, "😀" * 200, "\ud800" * 200])
def test_z4_the_reason_fits_into_a_close_frame(message: str) -> None:
    reason = ProtocolError("F3", message).reason
    assert 120 <= len(reason.encode()) <= 123


@pytest.mark.parametrize(
    "error",
    [
        ProtocolError("F3", "empty message"),
        RecordTooLargeError(20_000_000, 16_777_216),
        QueueFullError(),
        ChannelClosedError(),
        SessionEndedError(),
    ],
)
def test_every_error_has_the_same_base_and_says_something(error: AiWsError) -> None:
    assert isinstance(error, AiWsError)
    assert str(error)


def test_the_size_of_a_refused_record_can_be_asked_for() -> None:
    error = RecordTooLargeError(20_000_000, 16_777_216)
    assert (error.size_bytes, error.limit_bytes) == (20_000_000, 16_777_216)
    assert "20,000,000" in str(error)


def test_the_words_may_be_others() -> None:
    assert str(QueueFullError("a")) == "a"
    assert str(ChannelClosedError("b")) == "b"
    assert str(SessionEndedError("c")) == "c"
