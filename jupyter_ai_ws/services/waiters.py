"""Those who wait for a channel, and in which order they go on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Turns", "Waiters"]


class Waiters:
    """Those who wait until something may have changed."""

    __slots__ = ("_futures",)

    def __init__(self) -> None:
        """Begin without one."""
        # In the order in which they came, for they go on in the order in which they wake. A list:
        # idle channels are many, each has one that waits, and a dictionary is large.
        self._futures: list[asyncio.Future[None]] = []

    @property
    def count(self) -> int:
        """How many wait, or were woken and have not run yet."""
        return len(self._futures)

    async def wait(self) -> None:
        """Wait for the next `wake`."""
        future = asyncio.get_running_loop().create_future()
        self._futures.append(future)
        try:
            await future
        finally:
            self._futures.remove(future)

    def wake(self) -> None:
        """Wake all that wait now."""
        for future in self._futures:
            if not future.done():
                future.set_result(None)


class Turns:
    """Lets tasks go one after another, in the order in which they came.

    ```python
    async with turns:
        ...  # nobody else is in here, and who came first was first
    ```
    """

    __slots__ = ("_lock", "count")

    def __init__(self) -> None:
        """Begin without one."""
        self.count = 0
        """How many have their turn or wait for it."""
        # Made for the first that comes: most channels are idle, and there may be thousands.
        self._lock: asyncio.Lock | None = None

    async def __aenter__(self) -> None:
        """Wait for a turn."""
        self._lock = self._lock or asyncio.Lock()
        self.count += 1
        try:
            await self._lock.acquire()
        except BaseException:
            self.count -= 1
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the next one go on; who comes meanwhile goes behind it."""
        assert self._lock is not None  # noqa: S101
        self.count -= 1
        self._lock.release()
