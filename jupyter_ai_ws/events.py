"""Tells the server's event log what sessions go through (`event_schemas/`)."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from .observer import SessionObserver, end_cause, park_cause, short_id

if TYPE_CHECKING:
    from jupyter_events import EventLogger

    from .sessions import HeldSession, SessionServer

__all__ = ["EVENTS", "SessionEvents", "schema_id"]

EVENTS: Final = ("connect", "park", "resume", "expire", "evict", "end")
"""The names of the events, which are those of the files of their schemas."""


def schema_id(event: str) -> str:
    """Return under which address an event is to be listened for.

    Args:
        event: One of `EVENTS`.
    """
    return f"https://events.jupyter.org/jupyter_ai_ws/{event}/v1"


class SessionEvents(SessionObserver):
    """Emits one event for each step in the life of a session.

    None of them holds a token, a cookie, a user's name, an address or a whole session id.
    """

    def __init__(self, server: SessionServer, event_logger: EventLogger) -> None:
        """Register the schemas.

        Args:
            server: Whose sessions.
            event_logger: That of the Jupyter server.

        Raises:
            Exception: The event logger does not take the schemas.
        """
        self._server = server
        self._event_logger = event_logger
        for event in EVENTS:
            if schema_id(event) not in event_logger.schemas:
                schema = files(__package__) / "event_schemas" / f"{event}.yaml"
                event_logger.register_event_schema(schema.read_text("utf-8"))

    def created(self, held: HeldSession, now_ms: float) -> None:
        self._emit("connect", held, sessions=len(self._server.acceptor.sessions))

    def resumed(self, held: HeldSession, now_ms: float) -> None:
        log = held.session.log
        self._emit(
            "resume",
            held,
            resumes=held.resumes,
            parked_s=_seconds(now_ms - held.parked_ms),
            replayed_units=log.end - log.start,
            channels=len(held.session.channels),
        )

    def parked(self, held: HeldSession, code: int, now_ms: float) -> None:
        self._emit(
            "park",
            held,
            cause=park_cause(held, code),
            code=int(code),
            attached_s=_seconds(now_ms - (self._server.attached_ms(held) or now_ms)),
            silent_s=_seconds(now_ms - held.last_byte_ms),
            channels=len(held.session.channels),
        )

    def ended(self, held: HeldSession, code: int, now_ms: float) -> None:
        cause = end_cause(held, code)
        if cause in ("expired", "bye", "unheard"):
            parked_s = _seconds(now_ms - held.parked_ms)
            self._emit("expire", held, cause=cause, parked_s=parked_s, resumes=held.resumes)
        elif cause == "evicted":
            self._emit(
                "evict",
                held,
                attached=self._server.attached_ms(held) is not None,
                memory_bytes=self._server.acceptor.memory_bytes,
                memory_budget_bytes=self._server.acceptor.options.memory_budget_bytes,
                resumes=held.resumes,
            )
        else:
            self._emit("end", held, cause=cause, code=int(code), resumes=held.resumes)

    def _emit(self, event: str, held: HeldSession, **fields: Any) -> None:
        data = {"session": short_id(held), **fields}
        self._event_logger.emit(schema_id=schema_id(event), data=data)


def _seconds(time_ms: float) -> float:
    return round(max(0.0, time_ms) / 1000, 3)
