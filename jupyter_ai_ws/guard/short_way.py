"""The short way for what handlers send: without a frame and without a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tornado.escape import json_encode, utf8
from tornado.websocket import WebSocketClosedError, WebSocketProtocol13

from ..frame_head import BINARY, TEXT

if TYPE_CHECKING:
    from asyncio import Future

    from tornado.web import RequestHandler

    from .stream import MemoryStream

__all__ = ["take_short_way"]


def take_short_way(handler: RequestHandler | None) -> None:
    """Spare a handler the making of data frames, where nothing speaks against it.

    Args:
        handler: One whose protocol object is made and not used yet.
    """
    protocol = getattr(handler, "ws_connection", None)
    # A class of the extension's own, or compression, has a say in how messages leave.
    if type(protocol) is WebSocketProtocol13 and protocol._compressor is None:
        # An attribute of the instance would do, and cost 1 KiB for a dictionary of its own.
        protocol.__class__ = _ShortWay


class _ShortWay(WebSocketProtocol13):
    """What the protocol object of a handler becomes."""

    def write_message(
        self, message: str | bytes | dict[str, Any], binary: bool = False
    ) -> Future[None]:
        """Do what the method of tornado's protocol does."""
        stream: MemoryStream = self.stream  # type: ignore[assignment]
        if isinstance(message, dict):
            message = json_encode(message)
        if stream.closed():
            raise WebSocketClosedError
        if type(message) is str and not binary and message.isascii():
            return stream.pass_on(TEXT, message)
        payload = utf8(message)
        assert isinstance(payload, bytes)  # noqa: S101 as tornado: None is no message
        return stream.pass_on(BINARY if binary else TEXT, payload)
