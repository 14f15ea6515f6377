"""Proxies that close silent connections, and after how much silence."""

from __future__ import annotations

from typing import Final

__all__ = ["KNOWN_DEFAULTS", "known_default"]

KNOWN_DEFAULTS: Final[dict[int, str]] = {
    30: "Google Cloud load balancers (backend service timeout)",
    50: "HAProxy as Debian sets it up (timeout client, timeout server)",
    55: "the Heroku router",
    60: "nginx (proxy_read_timeout), Apache (ProxyTimeout), AWS load balancers "
    "(idle_timeout.timeout_seconds)",
    100: "Cloudflare (Proxy Read Timeout)",
}
"""Defaults in seconds, and whose they are; `tests/vectors/proxies.json` names the sources."""
TOLERANCE: Final = 0.05
"""How far from a default a measured silence may be."""


def known_default(silence_ms: float) -> str:
    """Name whose default fits best; "": none does.

    Args:
        silence_ms: After which silence connections are cut.
    """

    def distance_ms(seconds: int) -> float:
        return abs(silence_ms - seconds * 1000)

    nearest_s = min(KNOWN_DEFAULTS, key=distance_ms)
    fits = distance_ms(nearest_s) <= nearest_s * 1000 * TOLERANCE
    return KNOWN_DEFAULTS[nearest_s] if fits else ""
