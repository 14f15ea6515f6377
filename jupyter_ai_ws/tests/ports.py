"""Ports for servers that are started later, and again."""

from __future__ import annotations

import random
import socket

NOT_HANDED_OUT = range(20_000, 30_000)
"""Kernels give others to connections and to listeners that name none: Linux from 32,768 on."""


def unused_ports(count: int) -> list[int]:
    """Return ports on which nothing listens, nor will unless somebody names them."""
    listeners: list[socket.socket] = []
    ports: list[int] = []
    try:
        while len(ports) < count:
            port = random.choice(NOT_HANDED_OUT)  # noqa: S311
            listener = socket.socket()
            listeners.append(listener)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            ports.append(port)
        return ports
    finally:
        for listener in listeners:
            listener.close()


def unused_port() -> int:
    """Return one of them."""
    return unused_ports(1)[0]
