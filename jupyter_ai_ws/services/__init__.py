"""Services that a page can open channels to.

An extension of the server offers one like this:

```python
from jupyter_ai_ws.services import ServerChannel, service_registry


async def shout(channel: ServerChannel) -> None:
    async for record in channel:
        await channel.send(record.upper())


def _load_jupyter_server_extension(serverapp):
    service_registry(serverapp).register("my-extension:shout", shout)
```
"""

from __future__ import annotations

from ..protocol.errors import (
    AiWsError,
    ChannelClosedError,
    QueueFullError,
    RecordTooLargeError,
)
from .channel import ServerChannel
from .registry import Service, ServiceRegistry, service_registry

__all__ = [
    "AiWsError",
    "ChannelClosedError",
    "QueueFullError",
    "RecordTooLargeError",
    "ServerChannel",
    "Service",
    "ServiceRegistry",
    "service_registry",
]
