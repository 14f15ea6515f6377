"""The session protocol without sockets, timers or clocks (docs/protocol.md)."""
