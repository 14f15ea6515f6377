"""Proxies that cut silent connections, found by their habit (L7)."""

from __future__ import annotations

from .limits import HEARTBEAT_FLOOR_MS, IDLE_SILENCE_MIN_MS


class IdleProxyDetector:
    """Learns the silence after which something on the way to a host cuts."""

    __slots__ = ("_last_ms", "_limit_ms")

    def __init__(self, known_limit_ms: float | None = None) -> None:
        """Begin with what is known.

        Args:
            known_limit_ms: The limit found for this host before, if any.
        """
        self._limit_ms = known_limit_ms
        self._last_ms: float | None = None

    @property
    def silence_limit_ms(self) -> float | None:
        """The silence after which connections are cut, if one was found."""
        return self._limit_ms

    def cut(self, silence_ms: float) -> None:
        """Note that a socket ended; a silence of under a second says nothing.

        Args:
            silence_ms: How long neither end had written when it ended.
        """
        if silence_ms < IDLE_SILENCE_MIN_MS:
            return
        last_ms = self._last_ms
        self._last_ms = silence_ms
        if last_ms is None or abs(silence_ms - last_ms) > max(silence_ms, last_ms) / 10:
            return
        found_ms = min(silence_ms, last_ms)
        if self._limit_ms is None or found_ms < self._limit_ms:
            self._limit_ms = found_ms

    def heartbeat_ms(self, wanted_ms: float) -> float:
        """Return the heartbeat that keeps the connection.

        Args:
            wanted_ms: The interval without such a proxy.

        Returns:
            That, or two thirds of the limit if less, but then never under 2 s.
        """
        if self._limit_ms is None:
            return wanted_ms
        return min(wanted_ms, max(HEARTBEAT_FLOOR_MS, self._limit_ms * 2 / 3))
