"""A healthy session that has to stay so, whatever is done to the server."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from ..page import Page

if TYPE_CHECKING:
    from tornado.websocket import WebSocketClientConnection

MORE_RECORDS = 5
WAIT_LIMIT_S = 20


class Bystander:
    """A page that gets numbered records all the time and checks that none is missing.

    It lives in a thread of its own, through all tests of a server: what an attack does to the
    loop of its test is not what it does to the server.
    """

    def __init__(self, port: int, token: str) -> None:
        self.sids: set[str] = set()
        self._port = port
        self._token = token
        self._count = 0
        self._grown = threading.Condition()
        self._failure: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.check()

    def check(self) -> None:
        """Wait until it has got more records; fail if its session ended or one was missing."""
        with self._grown:
            wanted = self._count + MORE_RECORDS
            self._grown.wait_for(lambda: self._count >= wanted or self._failure, WAIT_LIMIT_S)
            if self._failure is not None:
                raise self._failure
            assert self._count >= wanted

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()

    def _run(self) -> None:
        self._task = self._loop.create_task(self._stream())
        self._loop.run_until_complete(asyncio.wait([self._task]))
        self._loop.close()

    async def _stream(self) -> None:
        page = Page(self._fetch)
        try:
            await page.connect()
            channel = page.open("self-test", records=100_000, interval_ms=5)
            await channel.answer()
            while page.replaced == 0:
                (record,) = await channel.receive(1)
                assert json.loads(record)["n"] == self._count + 1
                with self._grown:
                    self._count += 1
                    self._grown.notify_all()
            raise AssertionError("the session was replaced")
        except Exception as error:
            with self._grown:
                self._failure = error
                self._grown.notify_all()
        finally:
            await page.dispose()

    async def _fetch(
        self, *parts: str, params: dict[str, Any], subprotocols: list[str]
    ) -> WebSocketClientConnection:
        self.sids.add(params["sid"])
        url = f"ws://127.0.0.1:{self._port}/{'/'.join(parts)}?{urlencode(params)}"
        request = HTTPRequest(url, headers={"Authorization": f"token {self._token}"})
        return await websocket_connect(request, subprotocols=subprotocols)
