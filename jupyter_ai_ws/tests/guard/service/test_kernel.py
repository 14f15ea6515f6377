"""The most demanding handler there is: jupyter_server's own kernel socket, as a stranger's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from ...page import PageChannel
    from .world import World

V1 = "v1.kernel.websocket.jupyter.org"


async def test_kernel_computes_through_a_guarded_socket_in_both_protocols(
    world: World, jp_serverapp: ServerApp
) -> None:
    route = f"{jp_serverapp.base_url}stranger/kernels/(?P<kernel_id>[^/]+)"
    jp_serverapp.web_app.add_handlers(".*$", [(route, KernelWebsocketHandler)])  # type: ignore[no-untyped-call]
    manager = jp_serverapp.kernel_manager
    kernel_id = await manager.start_kernel()
    path = f"{jp_serverapp.base_url}stranger/kernels/{kernel_id}"
    for protocol in ("", V1):
        offered = [protocol] if protocol else []
        channel = world.page.open("guard", path=path, protocols=offered)
        assert await channel.answer() == {"protocol": protocol}
        session = Session()
        request = session.msg("execute_request", {"code": "6 * 7", "silent": False})
        if protocol:
            parts = [session.pack(request[part]) for part in PARTS]
            await channel.send(serialize_msg_to_ws_v1(parts, "shell"))  # type: ignore[no-untyped-call]
        else:
            message = {**request, "channel": "shell", "buffers": []}
            await channel.send(json.dumps(message, default=str))
        assert await result(channel, session) == "42"
        channel.channel.close(1000)
        await channel.final()
    await manager.shutdown_kernel(kernel_id)  # type: ignore[no-untyped-call]


PARTS = ("header", "parent_header", "metadata", "content")


async def result(channel: PageChannel, session: Session) -> str:
    """Wait for the value of the cell."""
    while True:
        (record,) = await channel.receive(1)
        message = from_v1(record, session) if isinstance(record, bytes) else json.loads(record)
        assert message["header"]["msg_type"] != "error", message
        if message["header"]["msg_type"] == "execute_result":
            value: str = message["content"]["data"]["text/plain"]
            return value


def from_v1(record: bytes, session: Session) -> dict[str, Any]:
    _, parts = deserialize_msg_from_ws_v1(record)  # type: ignore[no-untyped-call]
    return {name: session.unpack(part) for name, part in zip(PARTS, parts, strict=False)}
