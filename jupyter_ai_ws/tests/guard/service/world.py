"""Guarded sockets with both of their ends in reach."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..stranger import add_stranger

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from jupyter_ai_ws.protocol.channel import Channel
    from jupyter_ai_ws.sessions import SessionServer

    from ...page import Page, PageChannel
    from ..stranger import Stranger


class Guarded:
    """One guarded socket of a page, with both of its ends."""

    def __init__(self, channel: PageChannel, stranger: Stranger) -> None:
        self.channel = channel
        self.stranger = stranger

    @property
    def stream(self) -> Any:
        """What the stranger has in place of a stream."""
        assert self.stranger.ws_connection is not None
        return self.stranger.ws_connection.stream

    def server_end(self, sessions: SessionServer) -> Channel:
        """Return its channel in the one session of the server."""
        (held,) = sessions.acceptor.sessions.values()
        return held.session.channels[self.channel.channel.number]

    async def order(self, what: str, **order: Any) -> None:
        await self.channel.send(json.dumps({"do": what, **order}))


class World:
    """A page that is connected to a server with a stranger."""

    def __init__(self, page: Page, serverapp: ServerApp) -> None:
        self.page = page
        self._fetch = page.way.fetch
        self.base_url = serverapp.base_url
        self.path = add_stranger(serverapp)
        self.settings = serverapp.web_app.settings

    async def open(self, query: str = "", **parameters: Any) -> Guarded:
        channel = self.page.open("guard", path=self.path + query, **parameters)
        await channel.answer()
        return Guarded(channel, self.settings["strangers"][-1])

    def lose_network(self) -> None:
        """Cut the page off for good."""

        async def fetch(*parts: str, **options: Any) -> Any:
            raise ConnectionRefusedError

        self.page.way.fetch = fetch
        self.page.cut()

    def find_network(self) -> None:
        """Let the page come back, at once."""
        self.page.way.fetch = self._fetch
        self.page.impatient = True
        self.page.hurry()
