"""The services of one server, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from ..protocol.limits import SERVICE_LIMIT_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_server.serverapp import ServerApp

    from .channel import ServerChannel

__all__ = ["SETTING", "Service", "ServiceRegistry", "service_registry"]

Service: TypeAlias = "Callable[[ServerChannel], Awaitable[None]]"
"""Serves one channel, from `open` to the end of the channel."""

OWN_NAMES: Final = frozenset({"echo", "guard", "self-test"})
"""The services of this package itself; nobody else may register one of these names."""

SETTING = "jupyter_ai_ws"
"""Under this name the registry is found in the settings of the web application."""


class ServiceRegistry:
    """What a page can open channels to."""

    def __init__(self) -> None:
        """Begin without a service."""
        self._services: dict[str, Service] = {}

    def register(self, name: str, service: Service) -> None:
        """Offer a service from now on.

        Args:
            name: What pages ask for, 1 to 128 characters. Put the name of your package and a
                colon before it, such as "my-extension:chat".
            service: Called once for each channel, with the channel not yet accepted. When it
                returns, the channel is closed with 1000. When it raises, the channel is refused
                with 4500 if it was not accepted, else closed with 1011 behind what was sent, and
                the error is logged.

        Raises:
            TypeError: The name is no text, or the service cannot be called.
            ValueError: The name is empty, too long, taken, or one of this package's own ("echo",
                "guard", "self-test"), whether or not that is offered here.
        """
        if not isinstance(name, str):
            raise TypeError(f"a service's name is a str, not {type(name).__name__}")
        if name in OWN_NAMES:
            raise ValueError(
                f"a service named {name!r} belongs to jupyter_ai_ws: put the name of your package "
                "and a colon before the name of yours"
            )
        self.register_own(name, service)

    def register_own(self, name: str, service: Service) -> None:
        """Offer a service of this package itself; otherwise as `register`."""
        if not callable(service):
            raise TypeError(f"a service is an async function that takes a channel, not {service!r}")
        if not 1 <= len(name) <= SERVICE_LIMIT_CHARACTERS:
            raise ValueError(f"a service's name has 1 to {SERVICE_LIMIT_CHARACTERS} characters")
        if name in self._services:
            raise ValueError(f"a service named {name!r} is registered already")
        self._services[name] = service

    def unregister(self, name: str) -> None:
        """Offer a service no longer; its open channels go on.

        Args:
            name: Its name. It does not matter whether there is such a service.
        """
        self._services.pop(name, None)

    def get(self, name: str) -> Service | None:
        """Return the service of that name, if there is one.

        Args:
            name: Its name.
        """
        return self._services.get(name)


def service_registry(serverapp: ServerApp) -> ServiceRegistry:
    """Return the registry of a server, also before this package's own extension is loaded.

    Args:
        serverapp: The server, with its web application.

    Returns:
        The registry, which is `serverapp.web_app.settings["jupyter_ai_ws"]` too.
    """
    registry = serverapp.web_app.settings.get(SETTING)
    if not isinstance(registry, ServiceRegistry):
        registry = serverapp.web_app.settings[SETTING] = ServiceRegistry()
    return registry
