"""Proxies that cut silent connections, found by their habit (L7)."""

from __future__ import annotations

from math import inf

from .limits import HEARTBEAT_FLOOR_MS, IDLE_SILENCE_MIN_MS


class IdleProxyDetector:
    """Learns the silence after which something on the way to a host cuts."""

    __slots__ = ("_last_ms", "silence_limit_ms")

    def __init__(self, silence_limit_ms: float | None = None) -> None:
        """Begin with what is known.

        Args:
            silence_limit_ms: The limit found for this host before, if any.
        """
        self.silence_limit_ms = silence_limit_ms
        """The silence after which connections are cut, if one was found."""
        self._last_ms = 0.0

    def cut(self, silence_ms: float) -> None:
        """Note that a socket ended; a silence of under a second says nothing.

        Args:
            silence_ms: How long neither end had written when it ended.
        """
        if silence_ms < IDLE_SILENCE_MIN_MS:
            return
        larger_ms = max(silence_ms, self._last_ms)
        smaller_ms = min(silence_ms, self._last_ms)
        self._last_ms = silence_ms
        if larger_ms - smaller_ms <= larger_ms / 10:
            known_ms = inf if self.silence_limit_ms is None else self.silence_limit_ms
            self.silence_limit_ms = min(smaller_ms, known_ms)

    def heartbeat_ms(self, wanted_ms: float) -> float:
        """Return the heartbeat that keeps the connection.

        Args:
            wanted_ms: The interval without such a proxy.

        Returns:
            That, or two thirds of the limit if less, but then never under 2 s.
        """
        if self.silence_limit_ms is None:
            return wanted_ms
        return min(wanted_ms, max(HEARTBEAT_FLOOR_MS, self.silence_limit_ms * 2 / 3))

    def forget(self) -> None:
        """Forget what was found."""
        self.silence_limit_ms = None
        self._last_ms = 0.0
