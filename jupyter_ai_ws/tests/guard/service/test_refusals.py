"""What is refused, by whom, and what the endpoint sees of it: nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .world import World


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("stranger/missing", 404),
        ("api/status", 200),
        *((f"stranger/ws?refuse={status}", status) for status in (401, 403, 404, 429, 500, 503)),
    ],
)
async def test_tells_the_status_with_which_a_peer_refuses(
    path: str, status: int, world: World
) -> None:
    channel = world.page.open("guard", path=world.base_url + path, protocols=[])
    final = await channel.final()
    assert (final.kind, final.code, final.reason) == ("refused", 4001, f"HTTP {status}")


async def test_token_of_a_page_is_in_no_line_of_a_refusal_however_its_name_is_written(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("token", "%74oken", "t%6F%6ben"):
        query = f"?refuse=404&{name}=secret"
        assert (await world.page.open("guard", path=world.path + query).final()).code == 4001
    assert caplog.text.count("token=[secret]") == 3
    assert "=secret" not in caplog.text


@pytest.mark.parametrize(
    "path",
    [
        *("api/kernels/x/channels", "terminals/websocket/1", "jupyter-ai-ws/ws", "stranger/ws/"),
        *("api/collaboration/room/a", "api/events/subscribe", "api/%6bernels/x/channels", "api/x"),
        *("stranger/%77s", "../stranger/ws", "stranger/ws\r\nCookie: a=b", "stranger//ws"),
    ],
)
async def test_what_is_not_on_the_list_is_refused_untouched(path: str, world: World) -> None:
    final = await world.page.open("guard", path=world.base_url + path).final()
    assert (final.kind, final.code) == ("refused", 4403)
    assert "strangers" not in world.settings


@pytest.mark.parametrize("before", ["http://127.0.0.1", "//127.0.0.1", "/", "\\", " ", "x"])
async def test_address_in_place_of_a_path_is_refused_untouched(before: str, world: World) -> None:
    final = await world.page.open("guard", path=before + world.path).final()
    assert (final.kind, final.code) == ("refused", 4403)
    assert "strangers" not in world.settings


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, 4403),
        ({"path": None}, 4403),
        ({"path": ["/"]}, 4403),
        ({"protocols": "a"}, 4400),
        ({"protocols": ["a\r\nCookie: b"]}, 4400),
        ({"protocols": ["a", "a"]}, 4400),
        ({"protocols": [str(number) for number in range(9)]}, 4400),
    ],
)
async def test_garbage_is_refused_untouched(
    parameters: dict[str, Any], code: int, world: World
) -> None:
    given = {"path": world.path, **parameters} if parameters else {}
    final = await world.page.open("guard", **given).final()
    assert (final.kind, final.code) == ("refused", code)
    assert "strangers" not in world.settings


async def test_thousand_guarded_sockets_of_a_page_end_at_the_cap(world: World) -> None:
    channels = [world.page.open("guard", path=world.path) for _ in range(1000)]
    finals = [await channel.final() for channel in channels[256:]]
    assert {(final.kind, final.code) for final in finals} == {("refused", 4429)}
    for channel in channels[:256]:
        await channel.answer()
    assert len(world.settings["strangers"]) == 256
    await channels[0].send("still there")
    assert await channels[0].receive(1) == ["still there"]
