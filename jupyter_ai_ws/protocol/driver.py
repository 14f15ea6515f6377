"""What a connector asks of the shell around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .session import SessionListener

if TYPE_CHECKING:
    from .handshake import ResumeRequest
    from .session import Session
    from .status import Status

Frame = str | bytes


class ConnectorDriver(SessionListener):
    """What the connector asks of its shell. The base does nothing.

    After `close_socket` or `drop_probe` the shell reports nothing more of that one.
    """

    def open_socket(self, socket_id: int, request: ResumeRequest) -> None:
        """Open a socket and report by `socket_opened`, `socket_message`, `socket_closed`."""

    def close_socket(self, socket_id: int, code: int, reason: str) -> None:
        """Drop the handlers at once and close without waiting for it (L5, S1)."""

    def write(self, socket_id: int, frames: list[Frame]) -> None:
        """Write frames to the socket, in order."""

    def open_probe(self, probe_id: int) -> None:
        """Fetch the probe's address and report by `probe_answered`."""

    def drop_probe(self, probe_id: int) -> None:
        """Abandon a probe."""

    def flush_wanted(self) -> None:
        """Arrange for `Connector.flush` at the end of this turn of the event loop."""

    def status_changed(self, status: Status) -> None:
        """Handle a new status."""

    def session_replaced(self, session: Session) -> None:
        """Handle that a new session took the place of one that ended; its channels are gone."""

    def handler_failed(self, error: Exception) -> None:
        """Report what a listener raised."""

    def random_sid(self) -> str:
        """Return 32 lower-case hexadecimal digits, 128 random bits."""
        raise NotImplementedError
