"""A driver that only notes what it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ai_ws.protocol.driver import ConnectorDriver

if TYPE_CHECKING:
    from jupyter_ai_ws.protocol.handshake import ResumeRequest
    from jupyter_ai_ws.protocol.session import Session
    from jupyter_ai_ws.protocol.status import Status


class Driver(ConnectorDriver):
    """Notes."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.requests: list[ResumeRequest] = []
        self.frames: list[str | bytes] = []
        self._sids = 0

    def random_sid(self) -> str:
        self._sids += 1
        return f"{self._sids:032}"

    def open_socket(self, socket_id: int, request: ResumeRequest) -> None:
        self.did.append(f"socket {socket_id}")
        self.requests.append(request)

    def close_socket(self, socket_id: int, code: int, reason: str) -> None:
        self.did.append(f"close {socket_id} {int(code)}")

    def write(self, socket_id: int, frames: list[str | bytes]) -> None:
        self.frames += frames

    def open_probe(self, probe_id: int) -> None:
        self.did.append(f"probe {probe_id}")

    def drop_probe(self, probe_id: int) -> None:
        self.did.append(f"drop {probe_id}")

    def status_changed(self, status: Status) -> None:
        self.did.append(status.state)

    def session_replaced(self, session: Session) -> None:
        self.did.append("session replaced")
