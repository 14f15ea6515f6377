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

from .channel import ServerChannel
from .echo import echo
from .registry import Service, ServiceRegistry, service_registry
from .runner import ServiceRunner
from .self_test import self_test

__all__ = [
    "ServerChannel",
    "Service",
    "ServiceRegistry",
    "ServiceRunner",
    "register_built_in",
    "service_registry",
]


def register_built_in(registry: ServiceRegistry) -> None:
    """Register the services that come with this package, unless they are registered already.

    Args:
        registry: Where to register them.
    """
    for name, service in (("echo", echo), ("self-test", self_test)):
        if registry.get(name) is None:
            registry.register(name, service)
