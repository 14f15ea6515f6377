"""Runs services: one task for each channel, from `open` to its end."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final

from ..protocol.errors import ChannelClosedError
from ..protocol.limits import CloseCode
from .channel import ServerChannel
from .leftovers import Leftovers
from .pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import Logger

    from jupyter_server.auth import User

    from ..protocol.server_end import ServerChannel as CoreChannel
    from .registry import Service, ServiceRegistry
    from .session_port import SessionPort

__all__ = ["ServiceRunner"]

LEFTOVER_TIME_S: Final = 30.0
"""How long a service may take for each record left when its channel ended, the last too."""
SERVICE_BYTES: Final = 8 * 1024
"""What a service counts for beside its records (P2); 7 KiB were measured for `echo`."""
STOP_TIMEOUT_S: Final = 5.0
"""How long services may take to clean up when the server stops."""
LAST_TIMEOUT_S: Final = 1.0
"""How long those have that were cancelled once more after that."""


class ServiceRunner:
    """Starts the service that a page asks for, and cancels it when its channel is gone."""

    def __init__(
        self,
        registry: ServiceRegistry,
        log: Logger,
        *,
        max_services: int = 512,
        account: Callable[[int], None] = lambda delta_bytes: None,
    ) -> None:
        """Take what is needed.

        Args:
            registry: Where services are found.
            log: Where failures of services go.
            max_services: Services of one session that may run at once, with those that outlive
                their channel. One more is refused with 4429.
            account: Told how many bytes more, or less, are held for sessions that have ended.
        """
        self.leftovers = Leftovers(account, self._ended, log)
        self._registry = registry
        self._log = log
        self._max_services = max_services
        self._pace = Pace()
        # The loop keeps weak references only; a task that nobody holds may vanish.
        self._tasks: dict[asyncio.Task[None], ServerChannel] = {}

    @property
    def running(self) -> int:
        """How many services run."""
        return len(self._tasks)

    def start(self, channel: CoreChannel, user: User, session: SessionPort) -> None:
        """Answer an `open`: start the service, or refuse if there is none.

        Args:
            channel: The channel asked for.
            user: Who asks.
            session: The channel's session.
        """
        service = self._registry.get(channel.service)
        if service is None:
            channel.refuse(CloseCode.UNKNOWN, "no service of that name")
            return
        running = len(session.services)
        if running >= self._max_services:
            channel.refuse(CloseCode.TOO_MANY, f"{running} services run already")
            return
        served = ServerChannel(channel, user, session, self._pace)
        coroutine = self._serve(service, served)
        # A fresh context: the service outlives the socket that carried its `open`.
        context = Context()
        task = context.run(asyncio.create_task, coroutine, name=f"service {channel.service}")
        self._tasks[task] = served
        served.task = task
        session.services.add(task)
        session.hold(SERVICE_BYTES)
        task.add_done_callback(self._done, context=context)
        served.on_final = self._ended

    def session_ended(self, session: SessionPort, *, short_of_memory: bool) -> None:
        """Take over what a session has left to its services.

        Args:
            session: The session.
            short_of_memory: Whether it had to end for that, so that nothing may be left.
        """
        channels = [self._tasks[task] for task in session.services]
        if short_of_memory:
            self.leftovers.drop(channels)
        else:
            for channel in channels:
                self.leftovers.add(channel)

    async def stop(self) -> None:
        """Cancel every service and wait until they have cleaned up."""
        tasks = dict(self._tasks)
        for channel in tasks.values():
            channel.owner.stopping()
            if not channel.owner.bounds_own_end:
                _cancel(channel)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=STOP_TIMEOUT_S)
        for task in late:
            self._log.warning("%s does not stop when cancelled.", task.get_name())
            task.cancel()  # its clean-up, or the one cancellation did not reach it
        if late:
            await asyncio.wait(late, timeout=LAST_TIMEOUT_S)

    def _done(self, task: asyncio.Task[None]) -> None:
        channel = self._tasks.pop(task)
        channel.session.services.discard(task)
        channel.session.hold(-SERVICE_BYTES)
        channel.discard()
        self.leftovers.gone(channel)

    def _ended(self, channel: ServerChannel) -> None:
        """Cancel a service that does not notice by itself that its channel is gone, or empty now.

        One that waits for the channel is woken, one that has records left goes on to receive
        them (X3) unless it takes them otherwise, and one that has ended the channel itself knows.
        None goes on for ever.
        """
        task = channel.task
        if task is None or task.done():
            return
        nothing_left = channel.empty or channel.owner.takes_rest
        if nothing_left and not channel.awaited and not channel.own_end:
            _cancel(channel)
        else:
            self._watch(task, channel)

    def _watch(self, task: asyncio.Task[Any], channel: ServerChannel) -> None:
        """Let a service receive what is left, as long as it goes on doing so."""
        loop = asyncio.get_running_loop()
        context = Context()
        timer = loop.call_later(
            LEFTOVER_TIME_S, self._look, task, channel, channel.taken, context=context
        )
        task.add_done_callback(lambda _: timer.cancel(), context=context)

    def _look(self, task: asyncio.Task[Any], channel: ServerChannel, taken: int) -> None:
        if channel.taken > taken or channel.owner.bounds_own_end:
            self._watch(task, channel)
        else:
            _cancel(channel)

    async def _serve(self, service: Service, channel: ServerChannel) -> None:
        try:
            await service(channel)
        except (Exception, SystemExit) as error:
            # Not the server's exit: others use it too.
            if not (isinstance(error, ChannelClosedError) and channel.final is not None):
                self._log.exception("Service %r failed.", channel.service)
            _fail(channel)
        except BaseException:
            _fail(channel)
            raise
        else:
            channel.refuse(CloseCode.FAILED, "the service ended without accepting")
            channel.close()


def _cancel(channel: ServerChannel) -> None:
    """Cancel a service, once: it may be cleaning up when something else says so again."""
    task, channel.task = channel.task, None
    if task is not None:
        task.cancel()


def _fail(channel: ServerChannel) -> None:
    """Tell the page that it is not its fault; nothing happens if the channel is gone.

    What the service has sent goes first.
    """
    channel.refuse(CloseCode.FAILED, "the service failed")
    channel.close(CloseCode.INTERNAL_ERROR, "the service failed")
