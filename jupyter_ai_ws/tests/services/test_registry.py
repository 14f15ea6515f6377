"""Where services are registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ai_ws.guard.service import GUARD
from jupyter_ai_ws.services import ServiceRegistry, service_registry
from jupyter_ai_ws.services.built_in import register_built_in
from jupyter_ai_ws.services.echo import echo
from jupyter_ai_ws.services.registry import OWN_NAMES
from jupyter_ai_ws.services.self_test import self_test

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from ..page import Page


def test_registered_service_is_found_until_unregistered() -> None:
    registry = ServiceRegistry()
    assert registry.get("mine") is None
    registry.register("mine", echo)
    assert registry.get("mine") is echo
    registry.unregister("mine")
    registry.unregister("mine")
    assert registry.get("mine") is None


@pytest.mark.parametrize("name", ["", "x" * 129])
def test_name_has_to_fit_the_wire(name: str) -> None:
    with pytest.raises(ValueError, match="1 to 128 characters"):
        ServiceRegistry().register(name, echo)


@pytest.mark.parametrize("name", [5, None, b"mine"])
def test_name_has_to_be_text(name: Any) -> None:
    with pytest.raises(TypeError, match=f"name is a str, not {type(name).__name__}"):
        ServiceRegistry().register(name, echo)


@pytest.mark.parametrize("service", [None, "echo", 5])
def test_service_has_to_be_callable(service: Any) -> None:
    with pytest.raises(TypeError, match="an async function that takes a channel"):
        ServiceRegistry().register("mine", service)


def test_name_can_be_taken_once() -> None:
    registry = ServiceRegistry()
    registry.register("mine", echo)
    with pytest.raises(ValueError, match="registered already"):
        registry.register("mine", self_test)


@pytest.mark.parametrize("name", ["echo", "guard", "self-test"])
def test_names_of_this_package_are_its_own(name: str) -> None:
    registry = ServiceRegistry()
    with pytest.raises(ValueError, match=f"{name!r} belongs to jupyter_ai_ws"):
        registry.register(name, echo)
    assert registry.get(name) is None


def test_every_service_of_this_package_is_among_them() -> None:
    names: list[str] = []

    class Registry(ServiceRegistry):
        def register_own(self, name: str, service: Any) -> None:
            names.append(name)
            super().register_own(name, service)

    register_built_in(Registry())
    assert {*names, GUARD} == OWN_NAMES


def test_settings_of_the_server_hold_the_registry(jp_serverapp: ServerApp) -> None:
    registry = service_registry(jp_serverapp)
    assert registry is jp_serverapp.web_app.settings["jupyter_ai_ws"]
    assert registry.get("echo") is echo
    assert registry.get("self-test") is self_test


def test_extension_loaded_earlier_may_register_first(jp_serverapp: ServerApp) -> None:
    del jp_serverapp.web_app.settings["jupyter_ai_ws"]
    service_registry(jp_serverapp).register("early", echo)
    assert service_registry(jp_serverapp).get("early") is echo


async def test_unknown_service_is_refused_with_4404(page: Page) -> None:
    await page.connect()
    final = await page.open("nobody").final()
    assert (final.kind, final.code) == ("refused", 4404)
