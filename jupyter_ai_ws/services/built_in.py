"""The services that come with this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .echo import echo
from .self_test import self_test

if TYPE_CHECKING:
    from .registry import ServiceRegistry

__all__ = ["register_built_in"]


def register_built_in(registry: ServiceRegistry) -> None:
    """Register the services that come with this package, unless they are registered already.

    Args:
        registry: Where to register them.
    """
    for name, service in (("echo", echo), ("self-test", self_test)):
        if registry.get(name) is None:
            registry.register_own(name, service)
